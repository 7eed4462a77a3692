"""Pure descriptions of sites: one file a site, no network, no disk."""
