"""Reading of RSS and Atom feeds: requests, entries, full texts, and what was published before."""
