"""Korean readings of the hanja of KS X 1001.

The standard orders its 4,888 hanja by their reading, and those with several readings are listed once for each: 樂 under
낙, 락, 악 and 요. Python's euc_kr codec gives the characters in that order, so that the table below needs only to say
how many of them share a reading. The copies are compatibility ideographs, U+F900 … U+FA0B; NFC makes the one character
of them that is written everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_FIRST_ROW, _LAST_ROW = 0xCA, 0xFD
_RUNS = (
    "가29각11간24갈10감20갑6강24개20객2갱4갹거17건12걸4검7겁3게3격7견11결6겸6경45계24고39곡7곤10골3공16곶과12곽4관17괄4광13괘3괴9굉4교25구54국6군6굴4궁6권10"
    "궐5궤6귀6규15균7귤극7근15글금14급7긍4기64긴길4김끽나15낙8난9날2남9납5낭7내6냉녀년3념4녕2노18녹6논농7뇌6뇨누8눈눌뉴2늑2늠능6니2닉2다2단20달5담17답5당11대16댁덕2도40"
    "독10돈10돌2동17두11둔6득등9라9락9란9랄2람10랍3랑8래4랭략2량13려18력7련12렬6렴5렵령18례5로18록7론롱7뢰8료12룡루13류14륙3륜6률4륭륵2름릉6리26린9림5립4마8막6만19"
    "말7망12매14맥5맹6멱2면11멸2명15몌모24목7몰2몽3묘12무22묵2문12물3미19민13밀3박19반25발11방28배20백8번10벌4범9법2벽11변7별4병17보16복17본볼봉16부43북분19"
    "불5붕6비43빈14빙4사60삭4산12살5삼8삽4상31새3색5생5서30석15선32설13섬8섭4성18세9소37속9손6솔송8쇄5쇠2수61숙12순27술4숭3슬3습5승10시28식15신24실4심10십3쌍씨"
    "아18악14안10알4암8압4앙7애11액7앵4야11약9양31어10억5언6얼2엄6업2엔여24역13연43열10염15엽4영40예24오30옥5온6올옹9와8완18왈왕5왜4외5요38욕6용24우32욱9운13"
    "울3웅2원27월3위25유56육7윤13율5융5은7을음6읍3응4의19이38익8인24일9임11입5잉4자26작13잔5잠6잡장37재17쟁4저28적25전41절8점9접3정55제23조46족4존2졸3종17좌5죄"
    "주40죽2준19줄중4즉즐즙3증11지34직5진35질15짐2집7징3차15착7찬15찰5참10창22채12책4처4척15천19철10첨10첩10청8체10초27촉6촌4총10촬최3추23축12춘3출3충6췌4취14"
    "측5층치24칙3친칠3침9칩칭2쾌타14탁16탄10탈2탐4탑3탕5태14택3탱터토4통7퇴6투6특2틈파16판9팔3패11팽4퍅편10폄평5폐10포28폭6표14품2풍5피7필10핍2하14학5한14할2함12합7"
    "항17해18핵2행5향9허4헌4헐험2혁4현21혈4혐협12형20혜9호41혹3혼6홀3홍10화14확6환17활5황24회20획2횡3효13후13훈10훙훤4훼3휘8휴5휼3흉5흑흔4흘4흠3흡4흥희20힐"
)
# The main reading where no listed word decides. The standard's own choice is the first in its order.
_MAIN = dict(zip("金樂異宅不泌串郎隸六", "금락이택불비관랑례륙", strict=True))
# Other forms of the same characters, as Chinese and Japanese keyboards give them, each before the Korean form.
_FORMS = (
    "内內産產青靑清淸真眞教敎研硏顔顏強强徳德緒緖絶絕戯戱画畫畵畫秘祕館舘郷鄕尚尙静靜録錄黄黃黒黑温溫歳歲税稅説說脱脫"
    "閲閱悦悅鋭銳衆眾裏裡即卽既旣飲飮縁緣毎每歩步廻回戸戶為爲"
)


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Return all readings of each character, the main one first.

    Initial-sound forms (여 for 女) are among the others.
    """
    table = _table()
    for variant, standard in zip(_FORMS[::2], _FORMS[1::2], strict=True):
        if variant in table or standard in table:
            table.setdefault(variant, table.get(standard, ()))
            table.setdefault(standard, table[variant])
    return table


def _table() -> dict[str, tuple[str, ...]]:
    listed: dict[str, list[str]] = {}
    main: dict[str, str] = {}
    for char, reading in zip(_characters(), _expand_runs(), strict=True):
        unified = unicodedata.normalize("NFC", char)
        listed.setdefault(unified, []).append(reading)
        if unified == char:
            main[char] = reading
    main |= _MAIN
    return {
        char: (main[char], *(reading for reading in char_readings if reading != main[char]))
        for char, char_readings in listed.items()
    }


def _characters() -> list[str]:
    rows = range(_FIRST_ROW, _LAST_ROW + 1)
    return [bytes((row, column)).decode("euc_kr") for row in rows for column in range(0xA1, 0xFF)]


def _expand_runs() -> list[str]:
    runs = re.findall(r"([가-힣])(\d*)", "".join(_RUNS))
    return [reading for reading, count in runs for _ in range(int(count or 1))]
