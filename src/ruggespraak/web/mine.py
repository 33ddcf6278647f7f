"""What a patient does with her own result: keeps it, gives it to her practice, checks in, sees her course."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
