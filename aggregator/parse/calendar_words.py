"""What dates are written with: months in many languages, zones, halves of the day, eras and calendars."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

#: one line a language, January to December; "/" separates spellings
_MONTH_LINES = """
january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct november/nov december/dec
januar/jänner/jän februar/feber/febr märz/mär/mrz/maerz april mai juni juli august september oktober/okt november dezember/dez
janvier/janv/jan février/fevrier/févr/fév/fevr mars avril/avr mai juin juillet/juil août/aout septembre octobre novembre décembre/decembre/déc
enero/ene febrero marzo abril/abr mayo/may junio julio agosto/ago septiembre/setiembre/set octubre noviembre diciembre/dic
gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto/ago settembre/set ottobre/ott novembre dicembre/dic
janeiro fevereiro/fev março/marco abril maio junho julho agosto setembro outubro/out novembro dezembro
januari februari/febr maart/mrt april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november desember/des
tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis huhtikuuta/huhtikuu/huhti toukokuuta/toukokuu/touko kesäkuuta/kesäkuu/kesä heinäkuuta/heinäkuu/heinä elokuuta/elokuu/elo syyskuuta/syyskuu/syys lokakuuta/lokakuu/loka marraskuuta/marraskuu/marras joulukuuta/joulukuu/joulu
stycznia/styczeń/sty lutego/luty/lut marca/marzec kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis grudnia/grudzień/gru
ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec srpna/srpen září října/říjen listopadu prosince/prosinec
január február/febr március/márc április/ápr május/máj június/jún július/júl augusztus szeptember/szept október november december
января/январь/янв февраля/февраль/фев марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя декабря/декабрь/дек
січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/кві травня/травень/тра червня/червень/чер липня/липень/лип серпня/серпень/сер вересня/вересень/вер жовтня/жовтень/жов листопада/листопад/лис грудня/грудень/гру
ιανουαρίου/ιανουάριος/ιαν φεβρουαρίου/φεβρουάριος/φεβ μαρτίου/μάρτιος/μάρ/μαρ απριλίου/απρίλιος/απρ μαΐου/μάιος/μάϊ/μαϊ/μαι ιουνίου/ιούνιος/ιούν/ιον ιουλίου/ιούλιος/ιούλ/ιολ αυγούστου/αύγουστος/αύγ/αυγ σεπτεμβρίου/σεπτέμβριος/σεπ οκτωβρίου/οκτώβριος/οκτ νοεμβρίου/νοέμβριος/νοέ/νοε δεκεμβρίου/δεκέμβριος/δεκ
ocak/oca şubat/şub mart nisan/nis mayıs haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas aralık/ara
ianuarie/ian februarie martie aprilie mai iunie/iun iulie/iul august septembrie octombrie noiembrie/noi decembrie
gener/gen febrer/febr març abril maig/mai juny juliol/jul agost/ag setembre octubre novembre desembre
siječnja/siječanj veljače/veljača ožujka/ožujak travnja/travanj svibnja/svibanj lipnja/lipanj srpnja/srpanj kolovoza/kolovoz rujna/rujan listopada studenoga/studeni prosinca/prosinac
januari/jan pebruari/februari/peb maret april mei juni juli agustus/agt september oktober november/nopember desember
januari februari mac april mei jun julai ogos september oktober november disember
enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre
januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba
január/januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
januar februar marec april maj junij julij avgust september oktober november december
januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
јануар/јануари фебруар/февруари март април мај јун/јуни јул/јули август септембар/септември октобар/октомври новембар/ноември децембар/декември
януари февруари март април май юни юли август септември октомври ноември декември
студзеня лютага сакавіка красавіка траўня чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
janvāris/janvārī februāris/februārī marts/martā aprīlis/aprīlī maijs/maijā jūnijs/jūnijā jūlijs/jūlijā augusts/augustā septembris/septembrī oktobris/oktobrī novembris/novembrī decembris/decembrī
sausio/sausis vasario/vasaris kovo/kovas balandžio/balandis gegužės/gegužė birželio/birželis liepos/liepa rugpjūčio/rugpjūtis rugsėjo/rugsėjis spalio/spalis lapkričio/lapkritis gruodžio/gruodis
janúar febrúar mars apríl maí júní/jún júlí/júl ágúst/ágú september október nóvember/nóv desember
eanáir feabhra/feabh márta aibreán/aib bealtaine/beal meitheamh/meith iúil lúnasa/lún meánfómhair deireadhfómhair samhain/samh nollaig/noll
հունվարի/հունվար/հնվ փետրվարի/փետրվար/փտվ մարտի/մարտ/մրտ ապրիլի/ապրիլ/ապր մայիսի/մայիս/մյս հունիսի/հունիս/հնս հուլիսի/հուլիս/հլս օգոստոսի/օգոստոս/օգս սեպտեմբերի/սեպտեմբեր/սեպ հոկտեմբերի/հոկտեմբեր/հոկ նոյեմբերի/նոյեմբեր/նոյ դեկտեմբերի/դեկտեմբեր/դեկ
ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr
xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro
janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor
yanvar fevral mart aprel may iyun iyul avqust/avgust sentyabr oktyabr noyabr dekabr
იანვარი/იანვარს თებერვალი/თებერვალს მარტი/მარტს აპრილი/აპრილს მაისი/მაისს ივნისი/ივნისს ივლისი/ივლისს აგვისტო/აგვისტოს სექტემბერი/სექტემბერს ოქტომბერი/ოქტომბერს ნოემბერი/ნოემბერს დეკემბერი/დეკემბერს
ינואר/בינואר פברואר/בפברואר מרץ/במרץ/מרס/במרס אפריל/באפריל מאי/במאי יוני/ביוני יולי/ביולי אוגוסט/באוגוסט ספטמבר/בספטמבר אוקטובר/באוקטובר נובמבר/בנובמבר דצמבר/בדצמבר
يناير فبراير مارس أبريل/ابريل/إبريل مايو يونيو/يونيه يوليو/يوليه أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر
كانونالثاني شباط آذار/اذار نيسان أيار/ايار حزيران تموز آب أيلول/ايلول تشرينالأول/تشرينالاول تشرينالثاني كانونالأول/كانونالاول
جانفي فيفري مارس أفريل/افريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه/جولای اوت سپتامبر اکتبر نوامبر دسامبر
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
जनवरी/जन फरवरी/फ़रवरी/फर मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर/सितं अक्टूबर/अक्तूबर नवंबर/नवम्बर/नवं दिसंबर/दिसम्बर/दिसं
জানুয়ারি/জানুয়ারী ফেব্রুয়ারি/ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்
มกราคม/มค กุมภาพันธ์/กพ มีนาคม/มีค เมษายน/เมย พฤษภาคม/พค มิถุนายน/มิย กรกฎาคม/กค สิงหาคม/สค กันยายน/กย ตุลาคม/ตค พฤศจิกายน/พย ธันวาคม/ธค
"""  # noqa: E501


def _months() -> dict[str, int]:
    words: dict[str, int] = {}
    for line in _MONTH_LINES.strip().splitlines():
        for number, spellings in enumerate(line.split(), start=1):
            for word in spellings.split("/"):
                # the first language wins: "mar" is March, "listopada" October before November
                words.setdefault(word, number)
    return words


#: lower-case month name or abbreviation -> 1 to 12
MONTHS = _months()

#: hours east of Greenwich -> lower-case names of zones
_ZONE_NAMES: dict[float, str] = {
    -10: "hst",
    -9: "akst",
    -8: "pst pt akdt",
    -7: "mst pdt mt",
    -6: "cst mdt ct",
    -5: "est cdt et",
    -4: "edt ast at clt",
    -3.5: "nst",
    -3: "adt brt art clst",
    -2.5: "ndt",
    -2: "brst",
    0: "z ut utc gmt wet",
    1: "bst west cet met mez wat",
    2: "cest mest mesz eet sast cat",
    3: "eest msk trt eat",
    4: "msd gst",
    5: "pkt",
    5.5: "ist",
    5.75: "npt",
    7: "ict wib",
    8: "wita hkt sgt myt pht awst",
    9: "wit jst kst",
    9.5: "acst",
    10: "aest",
    10.5: "acdt",
    11: "aedt",
    12: "nzst",
    13: "nzdt",
}
#: lower-case zone name -> hours east of Greenwich
ZONES = {name: hours for hours, names in _ZONE_NAMES.items() for name in names.split()}
# military letters as RFC 822 misprinted them; feeds that use them mean these
ZONES |= {"a": -1, "m": -12, "n": 1, "y": 12}

_AFTERNOON = frozenset({"pm", "μμ", "nachm", "下午", "晚上", "오후", "午後", "م", "مساء"})
_MORNING = frozenset({"am", "πμ", "上午", "凌晨", "오전", "午前", "ص", "صباحا"})


def of_24(hour: int, words: Collection[str]) -> int:
    """Return an hour of a clock of twelve hours, beside which these words stand in lower case."""
    if hour < 12 and not _AFTERNOON.isdisjoint(words):
        return hour + 12
    return 0 if hour == 12 and not _MORNING.isdisjoint(words) else hour


#: the year before the first of an era that years are counted in
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
#: years by which the Buddhist era is ahead
BUDDHIST = 543
#: years of the Persian calendar from 2001 to 2040; in them, none is one of another that dates are written in
PERSIAN = range(1380, 1420)


def gregorian(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Return a day of the Persian calendar as year, month and day of ours.

    Raises:
        ValueError: there is no such day.
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError
    days_before = 31 * (month - 1) if month < 8 else 30 * (month - 1) + 6
    ours = date.fromordinal(226_894 + 365 * (year - 1) + (8 * year + 21) // 33 + days_before + day)
    return ours.year, ours.month, ours.day
