"""The first page: a story of a world that was run before, cards, and measures that one click fires."""
