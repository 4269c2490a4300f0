"""Places: where the locations that an article names lie.

`locate` is the way in. A name may mean several places: `toponyms` finds them and scores each by itself, `stated_areas`
reads what the article says about where a place lies, `evidence` weighs what the other places of the article say, and
`choice` picks the place or none. `gazetteer` holds the places of the world, and `base_forms` turns an inflected name
into its nominative.
"""

from __future__ import annotations

from agents.entities.places.locating import locate

__all__ = ["locate"]
