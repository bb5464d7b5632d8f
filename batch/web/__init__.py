"""The night's screens: the shared centre's (board, acts, plans) and each municipality's own."""
