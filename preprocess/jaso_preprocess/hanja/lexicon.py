"""Hanja words with irregular readings, and words that keep the initial sound.

READ_AS: words that are not read character by character. NEW_BEGINNINGS: words that start again inside a compound.
"""

from __future__ import annotations

# Pairs of a spelling and its reading. A spelling may be part of a longer word: 不規則, 管絃樂團.
_PAIRS = """
六月 유월 五六月 오뉴월 十月 시월 五六 오륙 四六 사륙 初八日 초파일 十方 시방 音樂 음악 樂器 악기 樂團 악단
樂曲 악곡 樂譜 악보 聲樂 성악 器樂 기악 國樂 국악 農樂 농악 軍樂 군악 管絃樂 관현악 管弦樂 관현악 絃樂 현악
弦樂 현악 樂章 악장 樂隊 악대 雅樂 아악 樂劇 악극 樂士 악사 風樂 풍악 奏樂 주악 樂山樂水 요산요수 不實 부실
金氏 김씨 金浦 김포 金海 김해 金泉 김천 金堤 김제 金哥 김가 自轉車 자전거 人力車 인력거 停車場 정거장 車馬費 거마비
洞窟 동굴 率直 솔직 率先 솔선 統率 통솔 引率 인솔 輕率 경솔 眞率 진솔 家率 가솔 率家 솔가 敗北 패배 難易 난이
容易 용이 平易 평이 簡易 간이 安易 안이 便易 편이 輕易 경이 降伏 항복 降服 항복 投降 투항 降將 항장 復活 부활
復興 부흥 復舊 복구 殺到 쇄도 相殺 상쇄 惱殺 뇌쇄 減殺 감쇄 省略 생략 賞狀 상장 令狀 영장 招待狀 초대장
委任狀 위임장 推薦狀 추천장 感謝狀 감사장 告訴狀 고소장 告發狀 고발장 年賀狀 연하장 任命狀 임명장 答狀 답장
書狀 서장 請牒狀 청첩장 表彰狀 표창장 訴狀 소장 案內狀 안내장 挑戰狀 도전장 信任狀 신임장 免許狀 면허장 更新 갱신
更生 갱생 更年期 갱년기 更紙 갱지 許諾 허락 受諾 수락 快諾 쾌락 喜怒哀樂 희로애락 大怒 대로 困難 곤란 議論 의논
論難 논란 漢拏山 한라산 智異山 지리산 木瓜 모과 牧丹 모란 契丹 거란 盟誓 맹세 推敲 퇴고 星宿 성수 布施 보시
般若 반야 道場 도장 便所 변소 大便 대변 小便 소변 便器 변기 便秘 변비 便祕 변비 用便 용변 便通 변통 憎惡 증오
嫌惡 혐오 惡寒 오한 羞惡 수오 拓本 탁본 標識 표지 識標 지표 一切 일체 洞察 통찰 洞燭 통촉 暴惡 포악 暴棄 포기
自暴自棄 자포자기 橫暴 횡포 遊說 유세 人參 인삼 紅參 홍삼 海參 해삼 山參 산삼 水參 수삼 要塞 요새 塞翁 새옹
忖度 촌탁 索莫 삭막 頻數 빈삭 句讀 구두 吏讀 이두 綠茶 녹차 紅茶 홍차 茶禮 차례 葉茶 엽차 宅內 댁내 什器 집기
刺殺 척살 滑稽 골계 龜裂 균열 生辰 생신 誕辰 탄신 日辰 일진 星辰 성신 沈氏 심씨 沈淸 심청 嗚咽 오열 雪糖 설탕
砂糖 사탕 廓大 확대 謁見 알현 反省 반성 收拾 수습 拾得 습득 行列 행렬 宜寧 의령 保寧 보령 長山串 장산곶 車氏 차씨
茶飯事 다반사 計畫 계획 企畫 기획 畫順 획순 區畫 구획 參差 참치 炙鐵 적철 散炙 산적 便宜 편의 大便宜 대편의
大便利 대편리 小便利 소편리 計畵 계획 企畵 기획 記錄更新 기록경신 疏食 소사 簞食 단사 射干 사간 然則 연즉 兩班 양반
""".split()  # noqa: SIM905

READ_AS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
LONGEST_WORD = max(map(len, READ_AS))

# Words that follow the initial-sound rule also as the later part of a compound: 海外旅行 해외여행.
NEW_BEGINNINGS = frozenset(
    """
    旅行 旅客 旅館 歷史 勞動 勞務 勞使 理論 理解 理想 理念 理事 聯合 聯盟 聯邦 年度 年俸 年金 年齡 年次 年末 年初
    年例 料金 料理 利用 利益 利子 利率 利潤 力量 力學 論理 論文 論爭 論述 論評 論議 流通 流行 流動 流出 流入 流失
    倫理 女性 女子 女人 女王 女高 領域 領土 領海 領事 臨床 臨時 留學 類型 類似 類別 里程 來日 來年 來歷 來訪 冷房
    冷藏 冷凍 冷却 冷戰 老人 老化 老後 老年 綠色 綠化 錄音 錄畫 錄畵 錄取 量産 量產 良心 良好 連結 連帶 連絡 連續
    連載 戀愛 練習 列車 列島 履歷 履行 履修 離職 離婚 離脫 隣近 立場 立法 立案 立證 立體 林業 落下 落選 樂園 樂觀
    樂天 亂用 浪費 郎君 路線 露出 弄談 雷管 樓閣 禮節 禮儀 禮拜 例外 例文 例題 療養 療法 龍宮 陸軍 陸上 陸地 輪番
    律動 隆起 吏讀 略圖 略歷 略語 洋裝 糧穀 獵奇 靈魂 零下 零細 念佛 念願 尿素 泥土 匿名 溺死 紐帶
    """.split()  # noqa: SIM905
)
# One character before such a word, as in 新女性 신여성, 熱力學 열역학, 再利用 재이용. After others the two may be no
# word at all: 大理石 대리석 has no 理石, 合理論 no 理論.
PREFIXES = frozenset("新非不無未再大小重反超準脫親高低最全總副前現逆空男老各本諸熱名舊多強强過半假")
# Characters that are more often the end of a word before them than the beginning of the next: 生産量別, 資本論者.
SUFFIXES = frozenset("力論率量類料路錄領令樓流律列欄里年林龍理利立")
# Ends of words of three characters and one more, which are no two words of two: 不合理的.
LAST_SUFFIXES = frozenset("的性化者學家別上內層團部課室員長士師法用")
NUMERALS = frozenset("一二三四五六七八九十百千萬億兆數幾零〇壹貳參")
UNITS = frozenset("年里兩輛類輪路流")
