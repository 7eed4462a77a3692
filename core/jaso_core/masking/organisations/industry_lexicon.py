"""Lexicon of industry words at the end of company names, with their English. Data.

Also the letters that stand for such words in the acronyms of public bodies.
"""

from __future__ import annotations

import re

_BOUND = """
중공업 Heavy Industries|Heavy Industry
로보틱스 Robotics
제약 Pharm|Pharma|Pharmaceutical|Pharmaceuticals
물산 Trading|C&T|Corporation|Corp
상사 Trading|International|Corporation|Corp
제강 Steel
제철 Steel
철강 Steel
홀딩스 Holdings
지주 Holdings
시스템즈 Systems
시스템스 Systems
네트웍스 Networks
네트워크스 Networks
게임즈 Games
엔터테인먼트 Entertainment
솔루션즈 Solutions
솔루션스 Solutions
테크놀로지 Technology|Technologies
테크놀로지스 Technologies
인터내셔널 International
코퍼레이션 Corporation|Corp
컴퍼니 Company|Co
파트너스 Partners
인베스트먼트 Investment|Investments
벤처스 Ventures
캐피탈 Capital
자산운용 Asset Management
투자증권 Investment & Securities|Securities
증권 Securities
생명보험 Life Insurance|Life
손해보험 Insurance|Fire Insurance
해상 Marine
화재 Fire|Fire & Marine|Marine
엔지니어링 Engineering
이노텍 Innotek
하이텍 Hitek|HiTek
모비스 Mobis
케미칼 Chemical|Chemicals
팜 Pharm
바이오로직스 Biologics
바이오사이언스 Bioscience
메디칼 Medical
헬스케어 Healthcare
제과 Confectionery
제분 Milling|Flour Mills
제지 Paper
양조 Brewery
주조 Brewery
산업개발 Development
조선해양 Shipbuilding & Marine Engineering
해운 Shipping|Merchant Marine
항공우주 Aerospace
에어로스페이스 Aerospace
전선 Cable
오토모티브 Automotive
모터스 Motors
타이어 Tire
텔레콤 Telecom
"""
_FREE = """
전자 Electronics|Electronic
은행 Bank
건설 Construction|E&C
자동차 Motors|Motor|Automobile
화학 Chemical|Chemicals|Chem
바이오 Bio|Biotech
식품 Foods|Food
물류 Logistics
유통 Retail|Distribution
백화점 Department Store|Department Stores
화장품 Cosmetics|Cosmetic
통신 Telecom|Telecommunications|Communications
데이터 Data
소프트 Soft|Software
소프트웨어 Software
시스템 System|Systems
정밀 Precision
기계 Machinery|Machine
소재 Materials
에너지 Energy
보험 Insurance
생명 Life|Life Insurance
카드 Card
그룹 Group
미디어 Media
디자인 Design
스튜디오 Studio|Studios
패션 Fashion
가구 Furniture
테크 Tech
산업 Industries|Industry
전기 Electric
조선 Shipbuilding
항공 Airlines|Air
호텔 Hotel|Hotels
리조트 Resort|Resorts
솔루션 Solution|Solutions
디스플레이 Display
반도체 Semiconductor|Semiconductors
랩 Lab|Labs
랩스 Labs
푸드 Food|Foods
푸즈 Foods
커머스 Commerce
플랫폼 Platform
오일 Oil
정유 Oil|Refinery
가스 Gas
섬유 Textile
의료원 Medical Center
병원 Hospital
"""
# Letters that an English short name takes for the word: 공사 is C (Corporation) or S (System), as in K-B-S.
_PUBLIC = """
공사 Corporation|Agency|Service C|S|CO|A
공단 Agency|Corporation|Service A|C|S|CO
진흥원 Institute|Agency I|A
재단 Foundation F
연구원 Institute|Research Institute I|RI
연구소 Institute|Laboratory I|L|RI
관리원 Agency|Institute A|I|M
평가원 Institute|Agency I|A|E
개발원 Institute|Agency I|A|DI
정보원 Agency|Institute A|I
교육원 Institute I
기술원 Institute I|IT
인증원 Institute|Agency I|A
보증기금 Fund F|GF
협회 Association A
공제회 Association|Mutual Aid A|MA
중앙회 Federation F
거래소 Exchange X|E
"""
_FIELDS = """
한국 K|KO
대한 K
국립 N
국민 N
방송 B
환경 E
교통 T
복지 W
안전 S
수자원 W
산업 I
문화 C
전력 EP|E|P
가스 GAS|G
석유 P|N
철도 R|RAIL
도로 E
도시 U|L
토지 L
주택 H
건강 H
보험 I
연금 P
고용 E
노동 L
근로 W
장애인 D
인터넷 I
정보 I
통신 C
과학 S
기술 T
표준 S
생산 P
무역 T
투자 I
관광 T
농어촌 R
농수산 A
식품 F
유통 D
해양 O|M
항공 A
공항 A
에너지 E
원자력 A|N|H
전기 E
광물 M
디자인 D
콘텐츠 C|CC
교육 E
연구 R
개발 D
금융 F
자산 A
관리 M
재정 F
체육 S
예술 A
장학 S
진흥 P
"""


def _parse_rows(table: str) -> list[list[str]]:
    return [line.split(" ") for line in table.strip().splitlines()]


def _parse_english(table: str) -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(" ".join(row[1:]).split("|")) for row in _parse_rows(table)}


# BOUND words are rare outside names; FREE ones are common in compounds (전기자동차, 산업디자인).
BOUND = _parse_english(_BOUND)
FREE = _parse_english(_FREE)
PUBLIC_LETTERS = {row[0]: tuple(row[-1].split("|")) for row in _parse_rows(_PUBLIC)}
PUBLIC = {row[0]: tuple(" ".join(row[1:-1]).split("|")) for row in _parse_rows(_PUBLIC)}
FIELD_LETTERS = {row[0]: tuple(row[1].split("|")) for row in _parse_rows(_FIELDS)}
ENGLISH = {**BOUND, **FREE, **PUBLIC}
# BOUND words that are also words of their own: a front, a fire, a limit, a superior, a landlord.
HOMONYMS = frozenset("전선 화재 해상 증권 제약 상사 지주 제지 주조 해운 타이어 제철".split())  # noqa: SIM905
# Public bodies that are quoted, houses where one is treated: a name of one is not yet an employer.
SOURCES = frozenset({"연구원", "연구소", "협회", "공제회", "중앙회", "거래소", "개발원", "평가원", "정보원"})
HOUSES = frozenset({"병원", "의료원"})
SUFFIXES = tuple(sorted(ENGLISH, key=len, reverse=True))
# How speakers shorten the end of a company's name; the longer ends first.
SHORT_FORMS = (
    ("화재해상보험", "화재"),
    ("해상화재보험", "해상"),
    ("해상화재보험", "화재"),
    ("손해보험", "손보"),
    ("생명보험", "생명"),
    ("자동차", "차"),
    ("금융지주", "금융"),
    ("금융그룹", "금융"),
    ("금융투자", "금투"),
    ("투자증권", "증권"),
    ("대학교병원", "대병원"),
    ("대학교의료원", "대의료원"),
    ("생활건강", "생건"),
    ("에너지솔루션", "엔솔"),
    ("산업개발", "산업"),
    ("저축은행", "저축"),
    ("엔지니어링", "엔지"),
)
# Trades that a name of four syllables or more before them can do without.
TRADES = re.compile(
    "(?<=[가-힣]{4})(?:음료|식품|제과|제당|맥주|주류|우유|유업|제빵|커피|홈쇼핑|백화점|면세점|저축은행|신용정보|렌탈|렌터카|로지스틱스|물류"
    "|시멘트|페인트|상선|여객|고속|관광|투어|화장품|패션|그룹|홀딩스|지주|주식|코리아)$"
)
