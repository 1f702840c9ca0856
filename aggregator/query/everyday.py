"""Everyday words: common in any text, so two reports that share them need not be of one event.

They weigh less than names from the first article on. The list is ours, of English words, with
the months, days and kinds of column that papers of several languages put into headlines.
"""

from __future__ import annotations

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
EVERYDAY_WORDS = frozenset((*_ENGLISH.split(), *_CALENDAR.split()))
