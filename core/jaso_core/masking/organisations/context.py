"""Context patterns after a company's name: particles, cues of employment."""

from __future__ import annotations

import re

PARTICLES = (
    "께서|에서|에게서|에게|으로서|으로써|으로|로서|로써|로|은|는|이라는|라는|이라면|라면|이라고|라고|이라|라|이란|란|이|가|을|를|의|에|와|과|도|만|"
    "까지|부터|처럼|보다|이나|나|이며|며|이고|고|뿐|조차|마저|하고|이랑|랑|이야말로|야말로|입니다|이었습니다|였습니다|인|임|님"
)
ONLY_PARTICLES = re.compile(rf"(?:{PARTICLES}){{1,3}}")
# A name ends where nothing or only particles follow, or a word of the working life without a blank.
_WORK = "인턴|재직|근무|입사|퇴사|지원|취업|합격|채용|공채|본사|지사|임직원|직원"
# A speaker's hesitation between a name and its particle: "가나다전자음, 에서".
_HESITATION = r"(?:(?:음|어|그|막|뭐|이제)[.,… \t]{1,5}){1,3}(?=에서|에게|에[ \t]|의|은|는|이|가|을|를|와|과|라면)"
NAME_END = rf"(?=(?:(?:{PARTICLES}){{1,3}}|(?:{_WORK})[가-힣]{{0,6}})?(?![가-힣A-Za-z0-9])|{_HESITATION})"

_FILLER = r"(?:[ \t]{0,4}(?:음|어|그|뭐|막|이제)(?:[.,…]{0,3})(?=[ \t])){0,3}[ \t]{0,4}"
_JOB = (
    "인턴|근무|재직|재학|아르바이트|알바|일하|일했|일한|일할|일을|입사|퇴사|경력|계약직|현장실습|실습생|연수|사회생활|"
    "맡아|맡았|맡은|담당|사원|대리|과장|주임|프로젝트"
)
_APPLIED = "지원(?:하|했|한|합|할|해|드|자|동기|서)"
# Directly behind the name.
STRONG = re.compile(
    rf"{_FILLER}(?:"
    rf"에서(?:는|도|의)?[ \t]{{1,4}}(?:[^\s.!?]{{1,20}}[ \t]{{1,4}}){{0,4}}(?:{_JOB})"
    r"|에서(?:는|도)?[ \t][^.!?\n]{0,60}?\d[ \t]?(?:년|개월)(?:의|간|동안|여)"
    r"|(?:에[ \t]{1,4}|[ \t]{0,4})(?:인턴|재직|근무|입사|퇴사|합격|취업|이직|공채|신입사원|계약직)"
    rf"|(?:에[ \t]{{1,4}}|[ \t]{{0,4}})(?:{_APPLIED}|다닐|다니|다녔|다닌)"
    r"|(?:이라는|라는)[ \t]{1,4}(?:회사|기업)"
    r"|의[ \t]{1,4}(?:인턴|신입|사원|직원|인재상|비전|일원|채용|임직원)"
    r"|의[ \t]{1,4}[^\s.!?]{1,20}[ \t]{1,4}(?:직무|부문|분야)에[ \t]{0,4}지원"
    r"|(?:이라면|라면|의[ \t]{1,4}일원)"
    r")"
)
# A name that cannot be anything else needs only to be used like one.
WEAK = re.compile(
    rf"{_FILLER}(?:에서|에|의|은|는|이|가|을|를|와|과|이라면|라면|으로|로|도|만|께서|\(|,|재직|인턴|등에서|등의"
    # A part of the house, or how long one was there: 나래통신 영업팀에서, 나래통신 2년.
    r"|[가-힣A-Za-z]{1,8}(?:팀|부서|사업부|본부|지사|지점|공장)(?:에서|의|에)[ \t]"
    r"|\d{1,2}[ \t]?(?:년|개월)(?:[ \t,.)]|간|$))"
)
# The sentence goes on to an application or a post.
LATER = re.compile(
    r"(?:에서|가|이|은|는|의|라면|이라면|에)[^.!?\n]{0,60}?(?:지원(?:하|했|한)|입사|인턴|재직|근무|다니|맡아|맡은|일하며|사업)"
)
# A public body's project, in a sentence about one's own part in it.
DUTY = re.compile(r"의[ \t]{1,4}(?:[^\s.!?]{1,20}[ \t]{1,4}){1,5}(?:맡아|맡았|맡은|맡고|담당하|담당했)")
# Plans that are made only for a place of work.
PLANS = re.compile(r"에서(?:는|도)?[ \t][^!?\n]{0,80}?(?:싶습니다|싶어|되겠습니다|하겠습니다|기여|성장)")
# For names that have no form of their own: nothing but being employed there will do.
AS_EMPLOYER = re.compile(
    rf"{_FILLER}(?:"
    r"에서(?:는|도|의)?[ \t]{1,4}(?:[^\s.!?]{1,20}[ \t]{1,4}){0,4}"
    r"(?:인턴|근무(?:하|했|한)|재직|아르바이트|계약직|현장실습|일하며|일하면서|일했|입사)"
    r"|에[ \t]{1,4}(?:입사|재직|다니|다닐|다녔|근무)"
    r"|[ \t]{1,4}(?:재직|인턴[ \t]{0,4}(?:시절|십|으로|당시|기간|을|생활)|근무[ \t]{0,4}(?:당시|시절|중))"
    r")"
)
# The same, or an application: what a word of daily life needs to be taken for an employer.
EMPLOYED = re.compile(
    rf"{AS_EMPLOYER.pattern}|{_FILLER}(?:에[ \t]{{1,4}}|[ \t]{{1,4}})(?:입사|합격|취업|이직|공채|신입사원)"
    rf"|{_FILLER}에[ \t]{{1,4}}{_APPLIED}"
)
