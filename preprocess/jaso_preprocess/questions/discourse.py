"""Discourse cues: does a paragraph continue the one before, or begin a new answer?

Judged by its first words and the last words before. Scores are like log-odds: above 0 for a beginning, below 0 for a
continuation.
"""

from __future__ import annotations

import re

from jaso_preprocess.questions.lines import ends_a_sentence, is_listed

_Cues = tuple[tuple[float, re.Pattern[str]], ...]


def _cues(*cues: tuple[float, str]) -> _Cues:
    return tuple((weight, re.compile(pattern)) for weight, pattern in cues)


# Beginnings that need something before them: the paragraph continues. Only the first match counts.
_GOES_ON = _cues(
    (
        -3.0,
        r"(?:또한|또(?=[ ,])|그리고|그러나|하지만|그런데|그럼에도|그러자|그러던|따라서|그래서|그러므로|그리하여"
        r"|그렇기|그렇게|이렇게|이렇듯|이처럼|이후|이때|이에|이를|이와|이로|이러한|이런|이외에|이밖에|이어서"
        r"|이 ?(?:경험|과정|일을|점을|점이|사건|때문|외에|같은)"
        r"|그 ?(?:결과|뒤|후|이후|덕분|과정|때|밖)|그날|그중|그다음|결국|마침내|드디어|덕분에|끝내|반면|한편|다만"
        r"|더 ?나아가|나아가|게다가|뿐만|뿐 ?아니라|특히|실제로|예를 ?들|즉(?=[ ,])|물론|동시에|다음으로|더불어|아울러"
        r"|두 ?번째|둘째|세 ?번째|셋째|마지막으로|끝으로|무엇보다|비록|처음에는|처음엔|당시|위와|앞서|위의"
        r"|입사 ?(?:후|뒤|한 뒤)에도|(?:귀사|당사|회사|실무|현장)에서도|앞으로도|지금도|해당 (?:경험|프로젝트|과정))",
    ),
    (
        -1.6,
        r"(?:먼저|우선|곧바로|바로(?=[ ,])|고민 ?끝에|노력 ?끝에|예상과|순조롭던|진행 ?도중|중간|하루|매일|매주|숫자로"
        r"|돌이켜|결과보다|이제|지금은|요즘은|장기적|단기적|비로소|꾸준히)",
    ),
    (
        -1.2,
        r"\S*(?:\d+|[일이삼사오육칠팔구십한두세네]+)\s?(?:년|개월|달|주|일|시간)\s?"
        r"(?:(?:차|뒤|후|만)?(?:에는|에|는)[ ,]|(?:뒤|후|동안)[ ,])",
    ),
    (-0.8, r"\S{1,12}(?:했지만|였지만|었지만|았지만|던 중|하던|면서|하며)[ ,]"),
)
# Typical beginnings of answers: a claim, the time and place of a story, a quotation. All matches count.
_BEGINS = _cues(
    (
        1.2,
        r"(?:저의|제가|제|저는|저를|나의|본인의?)\s[^.!?\n]{0,60}"
        r"(?:입니다|생각합니다|믿습니다|싶습니다|되었습니다|했습니다|것은|부릅니다|말합니다)",
    ),
    (1.5, r"[^.!?\n]{0,120}(?:적이|경험이|일이|경험을)\s(?:있습니다|있었습니다|있다|말씀)"),
    (0.9, r"[^.!?\n]{0,120}(?:가장|첫\s?번째|중요하게|무엇보다\s중요)"),
    (
        1.0,
        r"(?:\S+\s){0,3}(?:학년|학기|시절|여름방학|겨울방학|재학|휴학|졸업|작년|지난해|재작년|군\s?복무|인턴|어릴|어려서"
        r"|고등학교|중학교|대학)",
    ),
    (0.8, r"[\"'“‘][^\n]{2,60}[\"'”’]"),
    (0.7, r"[^.!?\n]{0,80}(?:귀사|회사|입사|지원)"),
)
# Typical ends of answers: a resolution, else a lesson or a lasting result.
_ENDS = _cues(
    (
        2.2,
        r"(?:겠습니다|겠다|싶습니다|고자\s?합니다|리라\s(?:믿|생각|기대)\S*|확신합니다|자신합니다|감사합니다|약속드립니다"
        r"|것입니다)",
    ),
    (
        1.5,
        r"(?:배웠|깨달|깨우|알게\s?되|알게\s?됐|느꼈|느낄|실감|확인|새겼|새기|익혔|얻었|얻을|수확|계기가|자산|밑거름|원동력|교훈"
        r"|되었습니다|됐습니다|떠올|믿습니다|생각합니다|있습니다|됩니다|합니다|바랍니다|주십시오|드립니다)",
    ),
)
_AFTER_WORDS = " .!?~\"'”’)ㅎㅋㅠ"
_TAIL = 30
_UNFINISHED = -4.0
_LISTED = -1.5
_BLANK_LINE = 2.5


def opening_score(paragraph: str) -> float:
    """Score how a paragraph begins: as a new answer, or as a continuation."""
    bare = paragraph.strip()
    for weight, pattern in _GOES_ON:
        if pattern.match(bare):
            return weight
    if bare.startswith(("-", "·", "*", "→", "※")) or (is_listed(bare) and not ends_a_sentence(bare)):
        return _LISTED
    return min(2.5, sum(weight for weight, pattern in _BEGINS if pattern.match(bare)))


def closing_score(paragraph: str) -> float:
    """Score how a paragraph ends: with a resolution or a lesson, or unfinished.

    Answers end with a resolution or a lesson.
    """
    bare = paragraph.strip()
    if not ends_a_sentence(bare):
        return _UNFINISHED
    tail = re.split(r"[.!?]", bare.rstrip(_AFTER_WORDS)[-_TAIL:])[-1]
    return next((weight for weight, pattern in _ENDS if pattern.search(tail)), 0.0)


def boundary_score(before: str, after: str, blank_line: bool) -> float:
    """Score the boundary between two paragraphs as the end of an answer."""
    return closing_score(before) + opening_score(after) + (_BLANK_LINE if blank_line else 0.0)
