"""Words that tell no two stories apart: those every text is made of, and those news is told in.

Function words are dropped. News words count as if they had been in a share of all stories
already, so that "killed", "minister" or "Streik" weigh little from the first article on. The
lists are ours: short, of eight languages, checked against no particular data. Words of other
languages are weighed by what the index sees of them.
"""

from __future__ import annotations

_FUNCTION_WORDS = """
    a aan aber about above after again against agli ai al all alla alle als also am amid an anche
    and any ao aos apres are as at au auch auf aus aux avant avec avoir be been before bei being
    below between bij bis both but by c can ce ces cet cette che chez chi chto com come comme como
    con contre could cual cui cuyo d da dal dalla dans das dass dat de degli dei del della delle
    dello dem den der des desde deze di did die dit dlya do does doing don dont door dos down du
    durch during e each ed ee een ego ein eine einem einen einer eines el elle elles em en entre er
    era es essere est esta estar estas este estos et etait ete eto etre fait few first foi for fra
    from fue fur further gegen gli ha haben had han hanno has hasta hat have having he her here het
    hij him his how i ich if ihr ihre ikh il ils im in into is ist it its iz j je just k kak kann l
    la las last le les leur leurs lo loro los m ma maar mais man mas may me mehr met might mit more
    most must muy my n na naar nach nao nas ne nel nella nelle neue neuen neuer new ni nicht niet no
    noch nog non nor nos not nous now nueva nuevo nur o ob oder of off ohne om on once one only ont
    ook op or os ot other ou ought our out over own par para pas per pero piu plus po por pour pri
    pro qu que qui quien quoi s sa said same sans sao say says se segun sehr sein seine selon sem
    ser ses seu she should si sich sie sin sind so sobre soll some son sono sont sous stato su sua
    such suo sur sus t te than that the their them then there these they this those through to too
    tra tras two uber uit um uma un una unas und under une uno unos unter until up us v van very vo
    von voor vor vous war waren was we wel wenn werden were what when where which while who whom why
    wie will wir wird with wo wordt would y ya you your za ze zij zijn zum zur а бы был была были
    быть в во вы для до его ее же за и из из-за их к как ли мы на не но о об он она они от по после
    при про с со то у что это я
"""
_NEWS_EN = """
    accused accuses action actor admits affair aged agency agree agreed agreement ahead aid air
    alert alleged announce announced announces appeal appears arrest arrested arrests artist attack
    attacks bank bans begin begins bill billion blast blaze blow board body boost border boy breaks
    brings budget building business call called calls campaign car cars case cause caused centre
    century chance change changes charge charged charges chief child children city claim claims
    close closed closes club coach come comes company concern concerns conference control cost costs
    council country couple court crash crew crime crisis critics cut cuts damage dangerous date
    daughter day days dead deadly deal death deaths decision demand demands deputy died dies
    director doctors dozens driver drivers drop drops early earthquake ease eases east easter
    economy election emergency end ended ends energy evening event expected experts explosion face
    faces failed fall falls families family fans fear fears felt fight film final find finds fire
    firm first five flat food force forces foreign former found four friends funding future game gas
    girl give given goal government group growth guilty half hall head health hear heard help high
    hit hits hold home hope hopes hospital host hour hours house housing huge hundreds hurt
    including increase industry inflation injured injuries inquiry inside interest international
    investigate investigation issue issues jail jailed job jobs join judge jury key kill killed
    killer killing kills late latest launch launched law lawyer lead leader leaders leading league
    leave leaves left level life line live local long lose loses loss lost low magnitude major make
    makes man manager march market markets match mayor meet meeting member members men military
    million minister minutes missing money month months morning mother motorists move murder museum
    named names nation national near need news night north nuclear officer officers official
    officials oil open opens opposition order park parliament party pay peace people percent period
    place plan plane plans play player players police policy political poor port power premier
    president press pressure price prices prime prison probe problem programme project property
    prosecutor prosecutors protest protesters protests public push quake quarter quit quits race
    raid raids rail rain raise raised rate rates reach reached record reject rejects release
    released report reported reports rescue rescued residents resign resigned resigns response
    results return returns reveals rise rises risk road row rule rules run running safety sale save
    says school schools score scored season seat second secretary security senior sentence sentenced
    serious service services set seven sex shares shooting shot show shows shut side sign signed
    signs singer site six social soldiers son sought south spending spokesman staff stand star start
    started starts state statement station steps stop stops storm street strike strikes strong
    struck student students suffered summit support suspect suspected swept system take takes talks
    target tax team teenager tells test third thousands threat three time title told took top tour
    town trade traffic train trains travel treated tremor trial troops two union university urged
    urges use value victim victims victory video visit vote voters votes vow vows wage walk walkout
    war warn warned warning warns warrant watch water wave weather week weekend weeks west wife win
    wind wins woman women won work worker workers world worst wounded year years young
"""
_NEWS_DE = """
    ab abend anfang angaben angebot angriff anklage arzte aufstand ausstand auto bahn brand brucke
    bund chef dienstag donnerstag drei ende erhoht ermittlungen euro fahrer fallt familie
    festgenommen feuer feuerwehr firma fordert frau freitag frieden funf gericht gesprache gestorben
    getotet gewerkschaft gipfel habe haft haus haushalt inflation jahr jahre kanzler kind kinder
    krankenhaus krieg kritik land leben liga mann mannschaft menschen milliarden millionen minister
    ministerin mittwoch montag mord morgen nacht niederlage parlament partei polizei prasident
    preise prozent prozess regierung ruft samstag schule schwer sechs sei sieg sinkt sonntag spiel
    staat staatsanwaltschaft stadt starb steigt steuer stimmen stirbt strasse streik streiken
    stunden tag tage tor tote toten toter trainer treffen truppen unfall unternehmen urteil verdacht
    verhandlungen verletzt verletzte vier vorgelegt wahl wahlen warnt weil wirtschaft woche wochen
    wohnung zug zwei
"""
_NEWS_FR = """
    accident annonce ans appelle armee arrete assemblee attaque baisse blesses budget but chef cinq
    critique debut decede deces defaite demande demission demissionne deux dimanche ecole economie
    election elections enfant enfants enquete entreprise equipe etat euros examen explosion famille
    femme feu fin france gouvernement greve guerre hausse heures homme hopital impot incendie
    inflation interpelle jeudi jour jours juge ligue lundi maire maison mardi match matin medecins
    mercredi meurt milliards millions ministre mise monde mort morts negociations nuit origine paix
    parlement parquet parti pays personnes piste police pont president prison privilegiee prix
    proces quatre quitte rue samedi semaine serait six soir sommet soupconne syndicat syndicats
    train tribunal trois tue tues vendredi victoire vie ville voiture vote
"""
_NEWS_ES = """
    accidente acusado alcalde alcaldesa ano anos anuncia ataque baja calle carcel casa cinco ciudad
    coche congreso critica cuatro cumbre decidio deja dejan derrota detenido detenidos dia dias
    dimite domingo dos economia ejercito eleccion elecciones empresa equipo escuela estado euros
    explosion fallece familia fin fiscalia fuego gana gobierno gol guerra herido heridos hombre
    horas hospital huelga impuestos incendio inflacion inicio investigacion jefe jueves juez juicio
    liga lluvia lluvias lunes manana martes medicos miercoles millones ministra ministro minuto
    muere muerto muertos mujer mundo murio negociaciones nino ninos noche obligo pais parlamento
    partido paz personas pide policia precio precios presidenta presidente presupuesto prision
    puente sabado seis semana sindicato sindicatos sospechoso sube tanto tarde tren tres tribunal
    vecinos victoria vida viernes voto
"""
_NEWS_IT = """
    accusa anni anno annuncia arrestati arrestato attacco aumento auto azienda bambini bambino
    bilancio calo capo carabinieri carcere casa chiede cinque citta donna due economia elezioni
    esercito esplosione euro famiglia feriti ferito fine fuoco giorni giorno giudice gol governo
    guerra incendio inchiesta incidente inflazione inizio mattina medici miliardi milioni ministro
    morti morto muore negoziati notte ore ospedale pace paese parlamento partita partito persone
    polizia ponte presidente prezzi processo procura quattro sciopero sconfitta scuola sei sera
    serie settimana sindacati sindacato sindaco sospetto squadra stato strada tasse tre treno
    tribunale uomo vertice vicino vita vittoria voto
"""
_NEWS_PT = """
    acidente acusado aderiram ano anos anuncia ataque autarca cada carro casa chefe cidade cimeira
    cinco comboio crianca criancas derrota desce detido dez dia dias diz dois economia eleicoes
    empresa equipa escola escolas estado euros exercito explosao familia fecha ferido feridos fim
    fogo golo governo greve guerra homem horas hospital impostos incendio inflacao inicio
    investigacao jogo juiz julgamento liga manha medicos milhoes ministra ministro morre morto
    mortos mulher negociacoes noite nove orcamento pais parlamento partido paz pede pessoas policia
    ponte precos presidente prisao professores quatro rua seis semana sindicato sobe suspeito tarde
    tres tribunal vida vitoria voto
"""
_NEWS_NL = """
    aangehouden aanval artsen auto avond baas bedrijf begroting belasting brand brug burgemeester
    dag dagen dicht dode doden doelpunt drie economie euro familie gesloten gevangenis gewond
    gewonden huis inflatie jaar jaren justitie kabinet kamer kind kinderen land leger leven man
    mensen miljard miljoen minister nacht nederlaag ochtend onderhandelingen onderzoek ongeluk
    ontploffing oorlog overleden parlement partij ploeg politie president prijzen proces rechtbank
    rechter regering school staat stad staking stem sterft straat top trein twee uur vakbond
    verdachte verkeer verkiezingen vier vijf vrede vrouw vuur wedstrijd week winst zes ziekenhuis
"""
_NEWS_RU = """
    авария автомобиль армия атака больница больнице бюджет вечером взрыв возбудили воина врачи
    выборы глава год года гол город данным два две дело день детеи дети днеи дом дума женщина жизнь
    забастовка задержан закрыт заявил здание инфляция команда компания лет людеи матч миллиард
    миллион миллионов министр мир мост мужчина мэр мэрии мэрия налог неделя ночь обвинение парламент
    партия переговоры победа погиб погибли погибших подозрение поезд пожар полиция поражение
    пострадали правительство президент приговор прокуратура пять ранен ранены расследование ребенок
    россии рублеи саммит семья скончался сообщил страна суд судья три тюрьма улица умер утром цены
    часов человек четверо четыре шесть школа экономика
"""

FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
NEWS_WORDS = frozenset(
    word
    for words in (_NEWS_EN, _NEWS_DE, _NEWS_FR, _NEWS_ES, _NEWS_IT, _NEWS_PT, _NEWS_NL, _NEWS_RU)
    for word in words.split()
)
