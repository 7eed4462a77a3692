"""Rules for e-mail addresses, URLs and account names."""

from __future__ import annotations

import re

from jaso_core.masking import tokens
from jaso_core.masking.pii.rule import Rule, after_cue

_LOCAL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.){{1,6}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])"
# Addresses written to be unreadable for machines: (at), 골뱅이, "네이버 닷컴".
_AT = r"[ \t]?(?:[(\[{<](?i:at|@)[)\]}>]|[(\[{]?(?:골뱅이|앳(?=[ \t]?[A-Za-z]))[)\]}]?)[ \t]?"
_DOT = r"[ \t]?(?:\.|[(\[{<](?i:dot)[)\]}>]|닷|점)[ \t]?"
_HANGUL_PORTAL = r"(?:네이버|다음|한메일|지메일|구글|네이트|카카오)"
_LATIN_PORTAL = r"(?:naver|gmail|daum|hanmail|nate|kakao|outlook|hotmail)"
_PORTAL = rf"(?:{_HANGUL_PORTAL}|{_LATIN_PORTAL})"
_HIDDEN = (
    rf"{_LOCAL}(?:{_AT}(?:{_DOMAIN}|(?:{_PORTAL}|{_LABEL}){_DOT}(?:com|net|kr|org|컴)(?![A-Za-z]))|{_AT}{_PORTAL})"
)
# The words "at" and "dot" are English: both must be there, or a cue ("worked at example.com" is no address).
_SPOKEN = (
    rf"{_LOCAL}[ \t](?i:at)[ \t]{_LABEL}(?:[ \t](?i:dot)[ \t]{_LABEL}){{0,3}}[ \t](?i:dot)[ \t]"
    r"[A-Za-z]{2,6}(?![A-Za-z0-9])"
)
_SPOKEN_AT = rf"{_LOCAL}[ \t]at[ \t](?:{_DOMAIN}|{_LATIN_PORTAL}(?![A-Za-z0-9.]))"
_MAIL_CUE = after_cue(r"메일|e-?mail", 12)
_WITH_HANGUL = (
    rf"{_LOCAL}(?:[ \t]?@[ \t]?{_HANGUL_PORTAL}(?:{_DOT}(?:com|net|컴|넷))?"
    rf"|@{_LATIN_PORTAL}(?:[ \t]?(?:닷|점)[ \t]?(?:com|net|컴|넷)|(?![A-Za-z0-9.-])))"
)
# A slip for the dot, a comma or a blank: the ending must be one of those that mails have.
_MAIL_END = r"(?:com|net|org|kr|한국|테스트|컴)(?![A-Za-z0-9@])"
_SLIP = r"(?:[ \t]?[.,·;]{1,2}[ \t]?|[(\[{<]dot[)\]}>]|[ \t]?(?:닷|점)[ \t]?|[ \t])"
_WITH_SLIP = (
    rf"{_LOCAL}[ \t]?@[ \t]?{_LABEL}(?:{_SLIP}{_LABEL}){{0,3}}?{_SLIP}{_MAIL_END}(?:{_SLIP}kr(?![A-Za-z0-9@]))?"
)
_NO_SLIP_FOLLOWS = r"(?![ \t]?[,· ][ \t]?kr(?![A-Za-z0-9@]))"
# Internationalised domains (RFC 6531; .테스트 is kept for tests). A whole Hangul word before the sign is the account;
# "메일hong@" holds two words.
_HANGUL_LOCAL = rf"(?:{_LOCAL}|(?<![가-힣A-Za-z0-9])[가-힣]{{2,10}}\d{{0,4}})"
_HANGUL_LABEL = r"[가-힣A-Za-z0-9](?:[가-힣A-Za-z0-9-]{0,30}[가-힣A-Za-z0-9])?"
_HANGUL_DOMAIN = (
    rf"{_HANGUL_LOCAL}@(?:{_HANGUL_LABEL}\.){{1,4}}"
    r"(?:(?:com|net|org|kr|io|me|biz|info)(?![A-Za-z0-9])|한국|테스트|닷컴|닷넷|컴)"
)

# A round or square bracket belongs to a link together with its partner: "(https://example.com/a_(b))".
_URL_CHARACTER = r"[A-Za-z0-9._~:/?#@!$&'*+,;=%-]"
_URL_CHARACTERS = rf"(?:{_URL_CHARACTER}|\({_URL_CHARACTER}{{0,200}}\)|\[{_URL_CHARACTER}{{0,200}}\])"
_URL_END = r"(?<![.,;:!?'])"
_HEAD = r"(?<![A-Za-z0-9._%@-])"
_TLD = r"(?:com|net|org|kr|io|me|dev|so|app|co|ai|tv|page|site|xyz|info|biz|blog|link|gg|be|ly|im|us|jp|edu)"
_WITH_SCHEME = rf"(?i:https?://|www\.){_URL_CHARACTERS}{{1,2000}}{_URL_END}"
_WITH_PATH = rf"{_HEAD}(?:{_LABEL}\.){{1,5}}{_TLD}(?![A-Za-z0-9.-])(?::\d+)?/{_URL_CHARACTERS}{{0,2000}}{_URL_END}"
# Without a path: three labels, or a TLD that is not in the names of tools (Socket.io, ASP.NET, Monday.com).
_STOP = r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
_BARE = rf"{_HEAD}(?:(?:{_LABEL}\.){{2,5}}{_TLD}|{_LABEL}\.(?:co\.kr|or\.kr|ac\.kr|go\.kr|kr)){_STOP}"
_SMALL_BARE = rf"{_HEAD}[a-z0-9][a-z0-9-]{{1,61}}\.(?:com|org){_STOP}"

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])"
_HANDLE = rf"(?<![A-Za-z0-9._%+/@-])@{_NAME}(?![A-Za-z0-9/(@])"
_SOCIAL = (
    r"인스타|instagram|트위터|twitter|페이스북|facebook|유튜브|youtube|스레드|threads|틱톡|텔레그램|디스코드|깃허브|github"
    r"|카카오톡|카톡|오픈채팅|블로그|SNS|계정|아이디|\bID\b"
)
_ACCOUNT_NAME = (
    r"(?:인스타(?:그램)?|트위터|페이스북|텔레그램|디스코드|깃허브|카카오톡|카톡|SNS)[ \t]{0,4}"
    r"(?:아이디|계정|ID|id)[ \t]{0,4}"
    r"(?:는|은|:|=)?[ \t]{0,4}(?P<name>[A-Za-z](?=[A-Za-z._-]{0,28}[0-9._-])[A-Za-z0-9._]{1,28}[A-Za-z0-9_])"
)


_SOCIAL_CUE = after_cue(_SOCIAL)


def _is_handle(match: re.Match[str]) -> bool:
    """Whether an @name is an account, not code such as @Transactional and @media.

    An account has a digit, underscore or dot in it, or the name of a network before it; "@5.500" is a price.
    """
    name = match.group()
    return bool(re.search(r"[A-Za-z]", name)) and (bool(re.search(r"[0-9_.]", name)) or _SOCIAL_CUE(match))


# One class at the beginning, so that the engine skips to the few characters where a hint can start.
HINT = re.compile(
    r"[@앳골아계:A-Za-z0-9](?:(?<=[@앳])|(?<=골)뱅이|(?<=아)이디|(?<=계)정|(?<=:)//|(?<=[A-Za-z0-9])\.[A-Za-z0-9]"
    r"|(?<=[wW])[wW]{2}\.|(?<=[Ii])[Dd]|(?<=[Aa])(?<![A-Za-z].)[Tt](?![A-Za-z]))"
)
RULES = (
    Rule("pii_url", tokens.LINK, re.compile(_WITH_SCHEME)),
    Rule("pii_email", tokens.EMAIL, re.compile(rf"{_LOCAL}[ \t]?@[ \t]?{_DOMAIN}{_NO_SLIP_FOLLOWS}")),
    Rule("pii_email", tokens.EMAIL, re.compile(_HANGUL_DOMAIN)),
    Rule("pii_email", tokens.EMAIL, re.compile(_WITH_HANGUL)),
    Rule("pii_email", tokens.EMAIL, re.compile(_WITH_SLIP)),
    Rule("pii_email", tokens.EMAIL, re.compile(_HIDDEN)),
    Rule("pii_email", tokens.EMAIL, re.compile(_SPOKEN)),
    Rule("pii_email", tokens.EMAIL, re.compile(_SPOKEN_AT), _MAIL_CUE),
    Rule("pii_url", tokens.LINK, re.compile(_WITH_PATH)),
    Rule("pii_url", tokens.LINK, re.compile(_BARE)),
    Rule("pii_url", tokens.LINK, re.compile(_SMALL_BARE)),
    Rule("pii_handle", tokens.HANDLE, re.compile(_HANDLE), _is_handle),
    Rule("pii_handle", tokens.HANDLE, re.compile(_ACCOUNT_NAME), group=1),
)
