"""The sample's web: one file a site, in the structure of the real one, with its hazards. Pure: no clock, no network."""
