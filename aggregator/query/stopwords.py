"""Words that tell no two stories apart: those every text is made of, and those news is told in.

Function words are dropped. News words count as if they had been in a share of all stories
already, so that "killed", "minister" or "Streik" weigh little from the first article on. So do
everyday words, which are common in any text: two reports that share them need not be of one event.
The lists are ours: short, of eight languages, the everyday words of English, checked against no
particular data. Words of other languages are weighed by what the index sees of them.
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

_ENGLISH = """
    ability able above absence abuse accept access account achieve acquire across activity actual add
    addition address admit adult advance advantage advice advise afford afternoon age agenda aim
    album allow almost alone along already alter alternative although always amount analysis ancient
    anger angry animal anniversary annual another answer anyone anything apart apartment apparent apply
    appoint approach approve area argue argument arise arm around arrange arrival arrive art article
    artificial ask aspect asset assist assume athlete atmosphere attempt attend attention attitude
    attract audience author authorities authority available average avoid award aware away baby
    backed background bad bag balance ball ban band bar base basic basis bathroom battle beach bear
    beat beautiful beauty become bed beer behaviour behind belief believe belong below beneath benefit
    best better beyond big bike bird birth bit bite bitter black blame block blood blue boat bomb
    bond bone book born boss both bottle bottom box brain branch brand brave bread break breath brief
    bright brilliant broad broadcast broken brother brown build burn bus bush busy button buy buyer
    cabinet cake camera camp cancel cancer candidate capacity capital captain capture card care career
    careful carry cast castle cat catch celebrate celebrity cell centre ceremony certain chain chair
    challenge champion championship channel chapter character charity chart chase cheap check cheese
    chemical chicken choice choose church cinema circle citizen civil clash class classic clean clear
    clergyman click client climate climb clock clothes cloud coach coal coast coat code coffee cold
    collapse collar collect collection college colour column combine comfort command comment commercial
    commission commit committee communicate community compare compete competition complain complete
    complex computer concert condition confidence confirm conflict confront congress connect consider
    consumer contact contain content contest context continue contract contribute convert cook cool
    cope copy core corner corporate correct corruption count county courage course cover craft create
    creation creative creature credit crew cricket criminal criticise cross crowd crown cruel cry
    culture cup curious currency current curriculum customer cycle daily dance danger dark data dawn
    deaf dear debate debt decade decide declare decline deep defeat defence defend define degree delay
    delight deliver delivery deny department depend depth describe desert deserve design desire desk
    despite destroy detail determine develop developer development device devil diet differ difference
    different difficult dig digital dinner direct direction dirty disabled disaster discount discover
    discovery discuss disease dish dismiss display dispute distance distant district diverse divide
    divorce doctor document dog dollar domestic dominate donate double doubt dozen draft drag drama
    dramatic draw dream dress drink drone drug dry due duty each eager earn earth easily easy eat
    edge edit edition editor educate education effect effective effort egg elect electric electricity
    element elite else email emerge emotion emotional empire employ employee employer empty encourage
    enemy engage engine engineer enjoy enormous enough ensure enter entertain enthusiasm entire entry
    environment episode equal equipment error escape essential establish estate estimate even ever every
    everyone everything evidence evil exact examine example exceed excellent except exchange excite
    executive exercise exhibit exhibition exist expand expect expensive experience experiment explain
    explore export expose express extend extra extraordinary extreme eye fabric facility fact factor
    factory fail failure fair faith fake fame familiar famous fan fantastic far farm farmer farmers
    fashion fast fat fatal father fault favour favourite feature federal fee feed feel feeling festival
    fever field fifth figure figures file fill finance financial fine finger finish fish fit fix flag
    flat flaw flee fleet flexible flight float flood floor flow flower fly focus fold folk follow
    football foot foreign forest forget form formal fortune forward foundation frame fraud free freedom
    freeze french frequent fresh friend friendly front fruit fuel full fun fund fundamental funeral funny
    further gain gallery gang gap garden gate gather general generate generation gentle german giant
    gift glass global goal god gold golden golf good goods grab grade grand grant grass grateful grave
    great green grip ground grow guard guess guest guide gun guy habit hair hand handle hang happen
    happy hard harm hat hate head headlines heal healthy heart heat heavy height hell helicopter hero
    hidden hide high highlight hill hint hip hire historic historical history hobby hole holiday holy
    honest honour hope horrible horse hot hotel huge human humour hundred hunger hunt husband ice icon
    idea ideal identify identity ignore ill illegal image imagine immediate immigrant immigration impact
    imply import important impose impossible impress impression improve improvement incident include
    income incredible independent index indicate individual industrial infection influence inform
    information initial initiative injure inner innocent innovation inquest insist inspect inspector
    inspire install institute institution insurance intelligence intend intense intention internal internet
    interview introduce invasion invest investigator investment investor invite involve iron island
    item itself join joint joke journalist journey joy judge juice jump junior just justice keen keep
    kick kid kind king kiss kit kitchen knee knife knock know knowledge label labour lack lady lake
    land landscape language lane large laser last lasting later laugh launch lawsuit lay layer lazy
    learn leather lecture leg legal legend legislation lend length lesson let letter liberal library
    licence lie lift light like limit link lip list listen literature little load loan lobby location
    lock log logic lonely look lord lorry lost lot loud love lovely low loyal luck lucky lunch luxury
    machine mad magazine magic mail main maintain majority maker male mall manage management map march
    mark marriage marry mass massive master mate material matter maximum maybe meal mean measure meat
    mechanism medal media medical medicine medium memory mental mention mess message metal method middle
    midnight might mile milk mind mine minister minor minority minute miracle mirror miss mission
    mistake mix mixed mobile mode model modern modest moment monitor monthly mood moon moral motion
    motor mountain mouse mouth move movement movie much multiple murderer muscle music musical musician
    mystery myth narrow nasty natural nature navy nearly neck negative neighbour neighbourhood network
    never nice night nine nobody noise none normal nose note nothing notice novel nowhere number nurse
    object objective observe observer obtain obvious occasion occupy occur ocean odd offence offer office
    often ok old online operate operation opinion opponent opportunity oppose opposite option orange
    ordinary organisation organise origin original other otherwise outcome outside overall overnight
    owner pace pack package page pain paint painting pair palace panel panic paper parent parents park
    part participant particular partner partnership pass passage passenger passengers passion past path
    patient patients pattern pause peak pension perfect perform performance perhaps permanent permission
    permit person personal phase phone photo photograph physical pick picture piece pilot pink pitch
    plain planet plant plastic plate platform pleasant please pleasure plenty plot plus pocket poet poem
    point points poison pole poll pollution pool pop popular population portrait pose position positive
    possible post potential pound poverty powerful practice praise pray predict prefer pregnant prepare
    prepared presence present preserve presidency presidential pretend pretty prevent previous pride
    priest prince princess principle print priority private prize process produce producer product
    production profession professional professor profile profit progress promise promote proof proper
    proposal propose prospect protect protection proud prove provide province provision publication
    publish publisher pull pump punch punish pupil pupils purchase pure purple purpose pursue put
    qualify quality quantity queen question questions quick quiet quiz quote race racing radio rain
    random range rank rapid rare rather rating raw reaction read reader ready real realise reality
    really reason rebel recall receive recent recession recipe recommend recover recovery recruit red
    reduce reduction refer reflect reform refugee refuse regard region regional register regret regular
    regulation regulators reign relate relation relationship relative relax reliable relief religion
    religious remain remarkable remember remind remote remove rent repair repeat replace reply
    represent representative republic reputation request require research researcher researchers reserve
    resident resist resort resource respect respond responsible rest restaurant restore restrict retail
    retain retire retirement reveal revenge revenue reverse review revolution reward rich ride right ring
    riot rip ritual rival river rocket role roll romantic roof room root rope rough round route routine
    royal rubbish rugby ruin rumour rural rush sacred sad safe saint salad salary same sample sand
    satisfy sauce scale scandal scared scene schedule scheme scholar science scientific scientist
    scientists scope scream screen script sea seal search seat secret section sector secure seek seem
    select sell senate senator send sense sensitive separate sequence series serious serve session
    settle settlement severe shadow shake shall shame shape share sharp shed sheet shelf shell shelter
    shift shine ship shirt shock shoe shoot shop shoppers shopping shops short shoulder shout shower
    shut sick sight signal significant silence silent silly silver similar simple sing single sink sir
    sister situation size skill skin sky sleep slice slide slight slip slow small smart smash smell
    smile smoke smooth snap snow social society soft software soil solar soldier solid solution solve
    somebody somehow someone something sometimes song soon sorry sort soul sound source southern space
    spare speak speaker special species specific speech speed spell spend spin spirit split spokesperson
    spokeswoman sport spot spread spring square squeeze stable stadium stage stake stand standard stare
    statistics statue status stay steady steal steel stem stick still stock stole stolen stomach stone
    store story straight strange stranger strategic strategy stream strength stress stretch string strip
    stroke structure struggle studio study stuff stupid style subject submit subsidy substantial succeed
    success successful sudden sue suffer sugar suggest suicide suit summer sun super supply supporters
    suppose supreme sure surface surge surgery surprise surround survey survival survive survivor suspend
    suspicion sweet swim swing switch symbol sympathy table tackle tail talent talk tank tap tape task
    taste taxi tea teach teacher teachers tear technical technique technology teen telephone television
    temperature temperatures temporary ten tend tension tent term terrible territory terror terrorism
    terrorist text thank theatre theme theory therapy thick thin thing think thought threaten throat throw
    thus ticket tie tight tiny tip tired tissue title toilet tomorrow tone tonight tool tooth topic
    total touch tough tourism tourist toward tower toxic toy track traditional tragedy tragic transfer
    transform transition transport trap treasure treat treatment treaty tree trend trial tribute trick
    trip triumph trouble truck true trust truth tube tune tunnel twice twin twist type typical ugly
    ultimate unable uncle unemployment unhappy uniform unique unit unite unknown unless unlikely unusual
    upper upset urban urgent useful user usual vaccine valley valuable van variety various vast vegetable
    vehicle vehicles venture venue version versus veteran via vice view village violence violent virus
    visible vision visitor visitors vital voice volume volunteer vulnerable wait wake wall want warm warmth
    wash waste watchdog weak wealth weapon weapons wear web website wedding weigh weight welcome welfare
    well western wet wheel whether whilst white whole wide widow wife wild willing window wine wing
    winner winter wire wise wish withdraw witness wonder wonderful wood wooden word worry worth wound
    write writer wrong yard yellow yes yesterday yet young youth zero zone
"""
#: months, days and kinds of column: what stands in headlines week after week
_CALENDAR = """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday januar februar maerz marz mai juni juli oktober
    dezember montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag janvier fevrier mars
    avril juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi
    samedi dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre lunes martes miercoles jueves viernes sabado domingo gennaio febbraio aprile maggio giugno
    luglio settembre ottobre dicembre lunedi martedi mercoledi giovedi venerdi sabato domenica janeiro
    fevereiro marco maio junho julho setembro outubro novembro dezembro segunda terca quarta quinta
    sexta january today tonight yesterday briefing briefs newsletter podcast live updates update
    liveblog ticker blog watch listen video photos pictures gallery cartoon crossword sudoku horoscope
    forecast outlook weather roundup digest recap preview highlights opinion editorial analysis comment
    column letters obituary review reviews interview profile explainer factbox timeline quiz part episode
    morning evening weekend weekly edition bulletin headlines
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
NEWS_WORDS = frozenset(
    word
    for words in (_NEWS_EN, _NEWS_DE, _NEWS_FR, _NEWS_ES, _NEWS_IT, _NEWS_PT, _NEWS_NL, _NEWS_RU)
    for word in words.split()
)
EVERYDAY_WORDS = frozenset((*_ENGLISH.split(), *_CALENDAR.split()))
