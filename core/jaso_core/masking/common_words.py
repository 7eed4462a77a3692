"""Word lists: modifiers and everyday words that are, or are in, company names."""

from __future__ import annotations

import re


def _words(table: str) -> tuple[str, ...]:
    return tuple(table.split())


# Before 은행, 자동차, 디자인 and the like they name a kind of thing.
MODIFIERS = frozenset(
    _words("""
대형 중형 소형 중소 중견 대기업 국내 국외 해외 글로벌 외국 외국계 현지 지역 지방 시중 저축 투자 상업 중앙 국책
인터넷 온라인 오프라인 모바일 주거래 혈액 문제 인재 종합 일반 전문 특수 민간 공공 공영 국영 민영 국립 시립 도립
사립 대학 대학교 제1금융 전기 수소 친환경 자율주행 하이브리드 내연기관 중고 신차 승용 상용 완성 첨단 산업 시각
제품 공간 실내 환경 서비스 패키지 브랜드 그래픽 편집 영상 웹 앱 로고 공예 인공지능 빅 원천 원시 기초 통계 고객
로그 공정 정형 비정형 개방 학습 훈련 시계열 생산 신재생 재생 태양광 풍력 원자력 바이오 석유 정밀 유기 무기
고분자 생활 색조 기능성 수입 명품 남성 여성 아동 유아 캐주얼 스포츠 원목 주방 사무용 사무 조립 맞춤 이동 무선
유선 위성 데이터 근거리 자동 공작 건설 농업 포장 의료 생명 손해 건강 자동차 여행 실손 사회 고용 산재 국민 신용
체크 법인 교통 명함 소셜 뉴 매스 디지털 대중 방송 신선 가공 냉동 건강기능 즉석 국제 항만 콜드체인 새벽 배송 도심
토목 건축 주택 플랜트 아파트 도로 임베디드 운영 정보 보안 관리 제어 품질 통합 자체 사내 이전 저희 우리 그 이 한
각 여러 다른 모든 본 당 타 해당 전국 현재 첫 새 두 세 전 후 동종 경쟁 협력 다국적 유명 오픈 사진 녹음 촬영 요가
댄스 개인 전자 기업 반도체 디스플레이 로봇 스마트 스마트폰 가전 의류 패스트 문화 복지 장학 사회복지 학교 시민
청소년 국가 정부 산하 출연 기술 연구 교육 과학 경제 사회적 동물 공익 비영리 안전 수자원 도시 한국 대한민국 일본
중국 미국 독일 유럽 영국 프랑스
""")
)

# The same in Latin letters; the capitals among them are methods, tests and devices.
TECHNOLOGIES = frozenset(
    _words("""
AI IT ICT UI UX GUI SW HW PC CNC CAD CAM CAE SNS IoT IOT AR VR XR DB ERP MES PLC SCM CRM API GPS LCD LED OLED
LNG LPG EV GIS BIM SI RF QA QC HR PR MD CS BM PM PLM POS TV DNA RNA PCR LTE NFC RFID GMP HACCP HPLC KTX KOSPI
KOSDAQ KPOP KTAS SQLD ADSP KICPA ESG CSR SQL ETF IPO B2B B2C O2O OTT DX KPI ROI OEM ODM SaaS VMD USB CPU GPU PCB
FPGA ASIC ROS EDA SPC FMEA DSP HTML CSS XML JSON HTTP SSH TCP AWS GCP NLP OCR PDF PPT CTO CEO CFO COO CMO MBA
OPIC TOEIC TOEFL TEPS JLPT HSK OA MOU NCS ISO KS KC FDA IMF OECD WHO UN EU USA UK ROTC RA TA MT OT GPA SPSS SAS
Big Open Smart Mobile Web Cloud Visual Android Creative Digital Global Local Home Data Design Machine Deep Game
Unity Service Product Brand Graphic Industrial Interior Operating Information Management Human Control Real
Power Raw Time Green Clean New Renewable Solar Wind Bio Fast Street Health Social Mass News Pivot Google Meta
Apache Embedded Central Commercial Investment World Life Car Credit Fine Slow Junk Sea Sports The My Our Your
This That First National American European Korean Japanese Chinese
""")
)

# Words of daily life that are also names of companies.
EVERYDAY = frozenset(
    _words("""
대상 기아 노을 레몬 레이 동서 보령 서산 아하 사람인 오로라 한창 진도 부방 다음 하나 우리 국민 기업 제일 신세계
미래 희망 나무 가온 도화 동양 대동 대원 대한 동방 선진 성우 세종 신라 영원 인사이트 당근 직방 배달 여기 모두
바른손 자이언트 오늘 브리지 비전 이노 파도 마음 소리 바다 하늘 사랑 나라 소망 전방 조이 지수 케어 포인트 화신
휴먼 카카오 아이디어 라이프 프로젝트 솔루션 네트워크 파트너 시너지 리더스 에이스 챌린지 드림 스타트업 플랫폼
콘텐츠 인턴
""")
)

# Names of companies that are nouns as well, and what follows the noun: 현대 사회, 기아 문제, 한화 10만 원.
_PHRASES = {
    "현대": r"[ \t]?(?:사회|인(?:들|은|이|의|을|에게|으로|과|도)|적|판|문학|미술|음악|무용|건축|철학|문명|의학|과학|"
    r"시대|소설|도시|여성|생활|한국|중국|일본|국가|정치|경제(?![가-힣]*연구))|에[ \t](?:들어|와서|이르)",
    "기아": r"[ \t](?:문제|아동|난민|인구|현상|상태|해결|퇴치|구호|체험|대책|지역|어린이)"
    r"|(?:를|로|에)[ \t](?:겪|돕|고통|허덕|시달)",
    "한화": r"[ \t]?(?:약[ \t]?)?\d|로[ \t](?:약[ \t]|\d|환산)",
    "신세계": r"[ \t]교향곡|(?:가|를)[ \t](?:열|펼쳐|맛보|경험|발견)",
    "오리온": r"[ \t]?(?:자리|성운)",
    "농심": r"을[ \t](?:헤아|달래|울리)",
    "효성": r"이[ \t](?:지극|깊)|스러|심",
    "대림": r"[ \t]?(?:시기|절)",
    "동부": r"[ \t]?(?:지역|권역|전선|유럽|아프리카|해안|지방|지구)|에서[ \t]서부",
}
_ORDINARY = {name: re.compile(behind) for name, behind in _PHRASES.items()}


def is_in_phrase(text: str, start: int, end: int) -> bool:
    """Whether a company's name here is a noun written alike: 현대 in "현대 사회"."""
    behind = _ORDINARY.get(text[start:end])
    return behind is not None and behind.match(text, end) is not None
