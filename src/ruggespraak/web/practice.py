"""The care giver's pages: a worklist, a patient on one page, an examination, letters, a review with the patient."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
