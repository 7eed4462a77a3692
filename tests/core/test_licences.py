"""A licence is one of a table; words are only the way in."""

from __future__ import annotations

import pytest

from jaso_core.licences import ATTRIBUTION, KNOWN, NON_COMMERCIAL, read_licence

AIHUB = "AI Hub 71592 (채용면접 인터뷰 데이터): text and derived text may not be passed on"


@pytest.mark.parametrize(
    ("text", "spdx", "share_alike", "non_commercial", "allowed", "local"),
    [
        ("CC0-1.0", "CC0-1.0", False, False, True, True),
        ("CC BY 4.0", "CC-BY-4.0", False, False, True, True),
        ("CC BY", "LicenseRef-CC-BY", False, False, True, True),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0", True, True, True, True),
        ("저작자표시-비영리-동일조건변경허락 2.0", "CC-BY-NC-SA-2.0", True, True, True, True),
        ("cc-by-nc-nd-4.0", "CC-BY-NC-ND-4.0", False, True, False, False),
        ("CC BY 4.0, no derivatives", "LicenseRef-no-derivatives", False, False, False, False),
        ("The MIT License", "MIT", False, False, True, True),
        ("Apache 2.0", "Apache-2.0", False, False, True, True),
        ("BSD-3-Clause", "BSD-3-Clause", False, False, True, True),
        ("bsd", "LicenseRef-BSD", False, False, True, True),
        ("ODbL", "ODbL-1.0", True, False, True, True),
        ("공공누리 제2유형", "LicenseRef-KOGL-2", False, True, True, True),
        ("공공누리 제4유형", "LicenseRef-KOGL-4", False, True, False, False),
        (AIHUB, "LicenseRef-AI-Hub", False, False, False, False),
        ("무단 전재 금지", "LicenseRef-no-redistribution", False, False, False, False),
        ("MIT (research only)", "LicenseRef-unknown", False, False, False, True),
        ("house rules 7", "LicenseRef-unknown", False, False, False, True),
        ("(none)", "NOASSERTION", False, False, False, True),
        (None, "NOASSERTION", False, False, False, True),
    ],
)
def test_words_are_read_as_a_licence_of_the_table(
    text: str | None, spdx: str, share_alike: bool, non_commercial: bool, allowed: bool, local: bool
) -> None:
    licence = read_licence(text)
    assert (licence.id, licence.text) == (spdx, text)
    assert (licence.share_alike, licence.non_commercial) == (share_alike, non_commercial)
    assert (licence.redistribution.allowed, licence.redistribution.local) == (allowed, local)


def test_the_table_agrees_with_itself() -> None:
    for spdx, licence in KNOWN.items():
        assert licence.id == spdx
        assert licence.text is None
        if licence.redistribution.allowed:
            assert licence.non_commercial == (NON_COMMERCIAL in licence.conditions)
            assert licence.share_alike == any("pass it on under" in condition for condition in licence.conditions)
        else:
            assert not licence.conditions
    assert KNOWN["CC-BY-SA-4.0"].conditions == (ATTRIBUTION, "pass it on under CC BY-SA only")
    assert (KNOWN["CC-BY-SA-4.0"].hub, KNOWN["CC-BY-SA-2.0"].hub, KNOWN["MIT"].hub) == ("cc-by-sa-4.0", "cc", "mit")


@pytest.mark.parametrize(
    "spdx", [spdx for spdx in KNOWN if not spdx.startswith("LicenseRef-") and spdx != "NOASSERTION"]
)
def test_every_spdx_id_is_read_back(spdx: str) -> None:
    assert read_licence(spdx).id == spdx
