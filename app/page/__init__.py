"""The map page: built with Folium, with its templates, scripts and styles."""
