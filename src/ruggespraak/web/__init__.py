"""The website: pages and settings. The patient's side asks, explains and gives a leaflet; it keeps nothing."""
