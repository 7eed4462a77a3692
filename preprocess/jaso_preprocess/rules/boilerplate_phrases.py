"""Boilerplate expressions: lines that sites, forms and word processors leave.

Each is for a whole line without its outer white space, and asks for the fixed shape of such a line, not only for its
words: applicants write about sources, copyright and views too ("출처를 밝히고 인용했습니다", "조회수 1,234회를
기록했습니다").
"""

from __future__ import annotations

import re

_TEXT = "자기소개서|자소서|합격자소서|콘텐츠|컨텐츠|게시물|게시글|저작물"
_OPEN, _CLOSE = r"[\[(<【※*▶■#-]*\s*", r"\s*[\])>】]?"
_FORBIDDEN = r"(?:전재|전제|복제|배포|재배포|도용|사용|이용|복사|게재|수집|인용|표절)"
_PLEASE = r"(?:해|하여)?\s?(?:주세요|주십시오|주시기 바랍니다|주시길 바랍니다|하세요|하십시오|하시오|바랍니다)"
_COUNT = r"\s*[:：]?\s*\(?\d[\d,.]*\s?(?:만|천|[kK])?\s?(?:회|개|건|명|번)?\)?"
# No end of a sentence: the dots of an address (www.example.com) are none.
_NO_STOP = r"(?:[^.!?]|(?<=[A-Za-z0-9])\.(?=[A-Za-z0-9]))"
# What may follow on the same line: anything but a whole sentence of another kind.
_REST = r"(?:(?!(?<!금합니)(?<!지합니)(?<!지됩니)(?<!있습니)다[.!?]).)"
# What counts something, what can only be a button, and what is a button among others.
_COUNTED = r"(?:스크랩|조회\s?수?|추천\s?수?|댓글\s?수?|좋아요|공감|읽음|신고|공유|북마크|관심)"
_BUTTON = (
    r"(?:더\s?보기|접기|펼치기|닫기|이전글|다음글|목록보기|목록으로|글쓰기|답글쓰기|댓글쓰기|맨\s?위로|스크랩하기|스크랩|URL\s?복사|링크\s?복사|"
    r"신고하기|공유하기|인쇄하기|전체\s?보기|자세히\s?보기|상세\s?보기|원문\s?보기|본문\s?바로가기|메뉴\s?바로가기|페이지\s?상단으로)"
)
_AMONG_OTHERS = (
    r"(?:이전|다음|목록|인쇄|프린트|공유|신고|수정|삭제|답글|홈|로그인|회원가입|검색|메뉴|추천|댓글|조회|좋아요|"
    r"카카오톡|페이스북|트위터|네이버|밴드|TOP)"
)
_COUNTER = rf"(?:{_COUNTED}{_COUNT}|\d[\d,]*\s?읽음)"
_BETWEEN = r"[\s|·/,•ㅣ<>«»‹›▲▼◀▶△▽∧∨\[\]()-]*"
_BAR = rf"{_BETWEEN}(?:{_COUNTER}|{_BUTTON}){_BETWEEN}(?:(?:{_COUNTER}|{_BUTTON}|{_AMONG_OTHERS}){_BETWEEN})*+"
_MENU = rf"{_AMONG_OTHERS}(?:\s*[|·/•ㅣ<>▲▼]\s*(?:{_COUNTER}|{_BUTTON}|{_AMONG_OTHERS}))+"

ANYWHERE = (
    # rights and sources
    r"(?:ⓒ|©|\([cC]\)\s|[cC]opyright\b|COPYRIGHT\b)" + _REST + "{0,120}",
    rf"{_NO_STOP}{{0,80}}\b(?:[aA]ll [rR]ights [rR]eserved|ALL RIGHTS RESERVED)\.?",
    rf"{_NO_STOP}{{0,40}}무단\s?{_FORBIDDEN}[^.!?]{{0,30}}(?:금지|금합니다|금함|불허|금지[합됩]니다|받을 수 있습니다)"
    rf"\s?[.!]?{_CLOSE}",
    rf"{_OPEN}(?:본|이|위|해당)\s(?:합격\s)?(?:{_TEXT}|글|자료)의\s(?:모든\s)?(?:저작권|권리|지적재산권)[은이].{{1,60}}",
    rf"{_OPEN}(?:본|이|위|해당)\s(?:합격\s)?(?:{_TEXT})[은는]\s.{{1,50}}(?:에서|가|이|님이|으로부터)\s?(?:직접\s)?"
    r"(?:제공|공유|등록|게시|기증).{0,30}",
    rf"{_OPEN}(?:자료\s?|이미지\s?|원문\s?|글\s?)?출처{_CLOSE}\s*[:：]\s*(?=\S){_REST}{{0,120}}",
    rf"\[출처\]\s?(?=\S){_REST}{{0,120}}",
    rf"{_OPEN}(?:원문\s?링크|작성일|등록일|수정일|게시일|작성자|글쓴이|등록자|조회\s?수|글\s?번호|첨부\s?파일){_CLOSE}\s*[:：]\s*(?=\S){_REST}{{0,80}}",
    # buttons and navigation
    _BAR,
    _MENU,
    r"[▲▼△▽]?\s*(?:이전|다음)\s?글\s*[:：|▲▼>].{0,80}|[▲▼△▽]\s*(?:이전|다음)\s?글\s.{0,80}",
    rf"{_OPEN}(?:더 많은|다른|관련|추천|비슷한|인기)\s.{{0,20}}(?:자기소개서|자소서)[은는를을]?\s?.{{0,25}}"
    r"(?:보기|보러\s?가기|바로\s?가기|확인하세요|확인해\s?보세요|만나보세요|볼 수 있습니다)[\s.!>]*",
    r"이 (?:자기소개서|자소서|글|게시물|답변)[이가]\s?도움이\s?(?:되셨나요|되었나요|됐나요)\s?\??",
    r"로그인\s?(?:후|하시면|이 필요|하셔야).{0,40}(?:있습니다|가능합니다|필요합니다|입니다|가능|합니다)\.?",
    r"\[?(?:광고|AD|Advertisement|ADVERTISEMENT)\]?",
    # forms
    rf"{_OPEN}(?:여기에\s|이곳에\s)?(?:내용|답변|본문|텍스트|자기소개서|항목)(?:을|를)?\s?(?:여기에\s|이곳에\s)?"
    rf"(?:\d+자\s?(?:이내로\s|이상\s))?(?:입력|작성|기재|기입){_PLEASE}{_CLOSE}[.!]?{_CLOSE}",
    r"(?:여기|이곳)(?:에|를)\s?(?:입력|클릭|작성)" + _PLEASE + r"[.!]?",
    r"[Cc]lick (?:or tap )?here to enter text\.?|Lorem ipsum.{0,200}",
    r"(?:위|상기|이상)\s?(?:의\s)?(?:기재\s?)?(?:내용|사항|기재사항)[은이]\s.{0,20}"
    r"(?:사실과\s?(?:다름|틀림|상위)|사실임을).{0,30}",
    r"(?:지원자|작성자|신청인|성명)\s?[:：]?\s?(?:[가-힣]{2,5}|\[이름\]|[○O]{2,3})?\s*"
    r"[(（]\s?(?:인|서명|서명 또는 인|印)\s?[)）]",
    # word processors and mail programs
    r"[-–—]\s?\d{1,3}\s?[-–—]|[Pp]age\s\d{1,3}(?:\s(?:of|/)\s\d{1,3})?|\d{1,3}\s?(?:페이지|쪽)|\d{1,3}\s?/\s?\d{1,3}\s?(?:페이지|쪽)",
    r"[-–—<(\[]*\s?(?:이하\s?여백|이하\s?빈칸|끝)\s?[-–—>)\]]+",
    r"이하\s?여백\.?",
    r"Microsoft Word\s?-.{0,60}|새 Microsoft Word 문서.{0,20}|한컴오피스.{0,20}|[^\n.!?]{1,60}\.(?:hwpx?|docx?|pdf)",
    r"(?:나의\s)?(?:iPhone|iPad|Galaxy|갤럭시)에서\s(?:보냄|보낸 메일입니다\.?)|Sent from my .{1,30}|\[Web발신\]",
    r"[-–—_=~]+",
)
# Only where nothing else is there: an answer that says that there is none.
ALONE = (
    r"[Nn]\s?[./]?\s?[Aa]\.?|[Nn]ull|NULL|[Nn]one|NONE|NaN|nan|undefined|TBD|TODO",
    r"[-–—_.·…=*~,/?]+",
    r"\(?해당\s?(?:사항\s?)?없음\)?\.?",
)
# At the end of the last line, behind a finished sentence.
TAIL = (
    *ANYWHERE[:3],
    *ANYWHERE[5:7],
    rf"(?:{_COUNTER}{_BETWEEN})++(?:{_BUTTON}{_BETWEEN})*+|(?:더\s?보기|접기|펼치기)",
)


def any_of(expressions: tuple[str, ...] | list[str]) -> re.Pattern[str]:
    """Compile an alternation of expressions."""
    return re.compile("|".join(f"(?:{expression})" for expression in expressions))
