"""Words in a company column that name no company: 비공개, null, 대기업, 정규직, 영업."""

from __future__ import annotations

import re
from functools import lru_cache

from jaso_core.masking.common_words import EVERYDAY, MODIFIERS
from jaso_core.masking.morphology import analyse, is_dictionary_compound
from jaso_core.masking.organisations.industry_lexicon import ENGLISH, SUFFIXES
from jaso_core.masking.organisations.spellings import compare_key, known_spellings
from jaso_core.masking.places import ALL_PLACES


def _words(table: str) -> tuple[str, ...]:
    return tuple(table.split())


# What programs, forms and writers put where there is no name; compared in lower case without blanks and signs.
_PLACEHOLDERS = frozenset(
    _words("""
null nan none nil na nul nat undefined unknown unnamed anonymous private confidential secret hidden tbd tba todo test
testing sample example default empty blank missing void other others etc misc any all no yes true false x o
notapplicable notavailable notgiven notspecified notdisclosed unspecified undisclosed nodata noname nocompany
companyname company name string 없음 없다 무 미정 미상 미기재 미공개 미입력 미등록 미선택 미확인 미지정 미취업 미표기
비공개 비밀 비밀유지 기밀 대외비 익명 무명 무관 모름 기타 기타등등 해당 생략 공란 빈칸 공백 불명 불상 알수없음
알려지지않음 전체 테스트 예시회사 샘플 상동 동일 위와같음 이하동일 임의 가명 삭제 삭제됨 확인중 조사중 취준 취업준비
취업준비중 취준생 구직중 구직 백수 무직 휴직 휴학 회사 회사명 회사이름 기업 기업명 업체 업체명 직장 직장명 상호 상호명
법인 법인명 귀사 당사 자사 본사 우리회사 저희회사 이회사 그회사 어느회사 본인 나 저 우리 상관
여러곳 여러군데 여러회사 여러기업 다수 다수기업 몇곳 몇군데 각기업 각회사 모든기업 모든회사 아무곳 아무회사
""")
)
_NEGATED = re.compile(
    r"(?:없음|없다|없습니다|없어요|않음|않습니다|안함|안합니다|모름|모릅니다|무관|불가|비공개|미공개|미기재|미정|생략)$"
)
# The last noun of a sort of employer, of a way to be employed, of a duty; what is before it only says which.
_SORTS = frozenset(
    _words("""
기업 기업체 회사 업체 기관 단체 법인 조직 업 업계 업종 직종 계열 계열사 협력사 협력업체 하청 하청업체 원청 벤처
스타트업 유니콘 상장사 대기업 중견기업 중소기업 강소기업 공기업 사기업 민간기업 외국계 외투 금융권 은행권 제1금융권
제2금융권 공공기관 관공서 공무원 공직 지자체 공사공단 사업자 자영업 자영업자 개인사업 개인사업자 프리랜서 소상공인
공장 매장 가게 상점 점포 카페 식당 음식점 레스토랑 편의점 마트 학원 학교 대학 대학교 대학원 초등학교 중학교 고등학교
유치원 어린이집 군대 부대 동아리 학회 대외활동 봉사활동 공모전 대회 교육원 사무소 사무실 대행사 항공사 출판사 신문사
방송사 언론사 여행사 증권사 보험사 카드사 통신사 건설사 제약사 게임사 운용사 제조사 유통사 물류사 금융사 시행사 시공사
개발사 운송사 신탁사 광고사 자회사 모회사 본점 지점 지사
""")
)
_EMPLOYMENT = frozenset(
    _words("""
정규직 비정규직 계약직 무기계약직 파견직 일용직 기간제 단기 장기 시간제 파트타임 파트타이머 풀타임 아르바이트 알바
아르바이트생 알바생 인턴 인턴십 인턴쉽 인턴사원 체험형 채용형 채용연계형 채용전환형 전환형 연계형 신입 신입사원 경력
경력직 경력사원 신입경력 신입/경력 경력무관 학력무관 공채 공개채용 정기공채 수시 수시채용 상시채용 특채 채용 채용공고
공고 모집 지원 지원서 지원자 입사지원 입사지원서 자소서 자기소개서 합격 최종합격 서류합격 면접 면접합격 불합격 탈락
합격자소서 합격자기소개서 합격수기 서류 필기 인적성 재직 재직중 근무 근무중 퇴사 퇴직 이직 현직 현직자 실습 현장실습
실습생 현장실습생 연수 연수생 수습 교육생 훈련생 대학생 서포터즈 주니어 시니어 대졸 고졸 초대졸 석사 박사 학사 석박사
학부 전문연 전문연구요원 산업기능요원 상반기 하반기
""")
)
_DUTIES = frozenset(
    _words("""
영업 해외영업 국내영업 기술영업 영업관리 영업지원 마케팅 홍보 광고 인사 총무 재무 회계 세무 경리 기획 전략 전략기획
경영 경영지원 경영기획 경영관리 사업 사업개발 사업기획 상품기획 서비스기획 개발 연구 연구개발 생산 생산관리 생산기술
품질 품질관리 품질보증 공정 공정기술 설비 설비기술 설계 시공 안전 환경안전 구매 자재 무역 사무 행정 사무직 사무보조
비서 법무 감사 컨설팅 상담 고객상담 고객지원 고객관리 서비스 판매 판매직 운영 관리 기술 기술직 기술지원 생산직 연구직
영업직 전산 보안 데이터분석 데이터 프론트엔드 백엔드 풀스택 앱 웹 인프라 서버 디자인 편집 번역 통역 교육 강사 간호
물류 유통관리 심사 여신 수신 텔러 창구 일반 일반직 행정직 별정직 공무직 지점영업 점포관리 매장관리 현장관리 직무 직군
분야 부문 부서 전형 전공 공통 본부 HR IT MD PM PO QA QC PR CS SW HW UX UI R&D RND SE DBA SCM ESG IR CRM 인턴 신입
""")
)
# Posts in English, compared in lower case.
_ENGLISH_POSTS = frozenset(
    _words("""
manager engineer developer designer marketer planner intern internship trainee assistant associate analyst consultant
director staff lead leader officer executive specialist coordinator researcher scientist accountant programmer
administrator recruiter buyer secretary senior junior sales marketing finance accounting legal support operations
""")
)
_DUTY_ENDS = re.compile(
    r"(?:직무|직군|직렬|직종|부문|분야|부서|팀|담당|담당자|관리자|개발자|기획자|마케터|디자이너|엔지니어|매니저|컨설턴트|연구원|사원|직원|전형|채용|공채|인턴|신입|경력)$"
)
# A house of the company behind its name: 밝은솔 강남점, 밝은솔 서울지사.
_HOUSE = re.compile(
    r"(?:.+(?:점|지사|지점|공장|본부|사업부|사업장|사업소|센터|캠퍼스|영업소|출장소|팀|부|연구소|귀중|담당자)|본사|귀중|관계자|대표이사)$"
)
_PART = re.compile(r"(?P<of>.+?)[ ]?(?:센터|팀|본부|사업부|부서|부)")
_SIGNS = re.compile(r"[\W_]+")
_HIDDEN = re.compile(r"[OoXx○◯●□■△▲◇◆☆★*ㅇ〇]{2,}[가-힣]{0,4}|[-–—.?~/\\]+")


@lru_cache(maxsize=65536)
def is_no_company(name: str) -> bool:
    """Whether the name is a placeholder, a sort of employer, a duty or a date."""
    # "N/A" → na; "해당 사항 없음" → 해당사항없음, negated; "IT 기업" → IT, 기업: a sort of employer
    tight = _SIGNS.sub("", name)
    if is_placeholder(name):
        return True
    if _HIDDEN.fullmatch(name.strip()) or tight in _SORTS or tight in _EMPLOYMENT or _is_duty(tight):
        return True
    if re.search("[가-힣]", tight) is None:
        return False
    if (part := _PART.fullmatch(name)) and (part["of"] in _DUTIES or part["of"] in MODIFIERS):
        return True  # R&D센터, 고객센터
    return (bool(_NEGATED.search(tight)) and _is_plain_speech(tight)) or _is_sort(tight) or _is_ordinal(tight)


def is_placeholder(name: str) -> bool:
    """Whether the name is a word for none: null, 비공개; or without a letter."""
    tight = _SIGNS.sub("", name).casefold()
    return not re.search("[가-힣a-z一-鿿ぁ-ヿ]", tight) or (tight in _PLACEHOLDERS and len(tight) > 1)


def is_note(word: str, *, last: bool) -> bool:
    """Whether a word beside a company's name says something else: 영업, 인턴, 본사.

    `last`: it follows the name, where also a house may be (강남점, 서울지사).
    """
    if word in _EMPLOYMENT or word in _DUTIES or _is_ordinal(word) or _SIGNS.sub("", word) == "":
        return True
    if last and (word in _SORTS or (_HOUSE.fullmatch(word) and not word.endswith("연구소")) or word in ALL_PLACES):
        return True
    return word in ("소속", "관련", "지원", "직무", "님", "그룹사", "계열") or _is_duty(word)


def is_kind_of_house(name: str) -> bool:
    """Whether a name says no more than a place or a kind of house: 서울, 지방은행.

    국민은행 is built alike, and is a name that the table knows.
    """
    if name in ALL_PLACES:
        return True
    suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")
    return name[: len(name) - len(suffix)] in MODIFIERS and compare_key(name) not in known_spellings()


def _is_duty(word: str) -> bool:
    """Whether the word is a duty or a compound that ends in one: 반도체공정, 백엔드개발자."""
    if word in _DUTIES or word.casefold() in _ENGLISH_POSTS:
        return True
    end = _DUTY_ENDS.search(word)
    return end is not None and is_dictionary_compound(word)


def _is_sort(name: str) -> bool:
    """Whether dictionary words end in a sort of employer: 외국계 제약회사, 정보통신업."""
    if name in EVERYDAY:
        return False
    if name in MODIFIERS or (name in ENGLISH and len(name) >= 2):
        return True
    parts = analyse(name)
    if not is_dictionary_compound(name):
        return False
    last = parts[-1]
    if last.tag == "XSN":
        return last.form in ("계", "권", "업", "직", "사", "업체", "자", "생")
    if len(parts) == 1 and len(name) >= 3 and name.endswith(("업", "권", "직", "계", "업체")):
        return True
    return (
        last.form in _SORTS
        or last.form in _EMPLOYMENT
        or (
            # 영업관리, 데이터분석; 새벽디자인 may be a company.
            last.form in _DUTIES and last.form not in ENGLISH and len(parts) > 1
        )
    )


def _is_ordinal(name: str) -> bool:
    """Whether the word counts what a dictionary noun means: 2차전지, 1금융권; not 11번가."""
    parts = analyse(name) if name[:1].isdigit() else ()
    return len(parts) >= 3 and is_dictionary_compound(name) and parts[-1].tag == "NNG" and len(parts[-1].form) >= 2


def _is_plain_speech(name: str) -> bool:
    """Whether Kiwi knows all parts of a phrase, none of them as a name."""
    return all(token.tag != "NNP" and token.id >= 90 for token in analyse(name))
