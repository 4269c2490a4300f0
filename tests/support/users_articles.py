"""Articles as a user has them. They are not part of the project: TELEX_TEST_ARTICLES names their folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

USERS_ARTICLES = Path(os.environ.get("TELEX_TEST_ARTICLES", "/nonexistent"))
needs_users_articles = pytest.mark.skipif(
    not USERS_ARTICLES.is_dir(), reason="TELEX_TEST_ARTICLES names no folder with a user's articles"
)
