"""How browsers live and die: killed ones are started again, closed ones leave nothing, several work side by side."""

from __future__ import annotations
