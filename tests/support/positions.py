"""Positions as people type and paste them, all of one place, and what is no position."""

from __future__ import annotations

# Longitude and latitude of each of POSITIONS.
THERE = (37.58, 48.74)

POSITIONS = [
    *("48.74, 37.58", "48.74 37.58", "48,74 37,58", "48,74, 37,58", "48.74;37.58", "48.74/37.58"),
    *("48.74N 37.58E", "N48.74, E37.58", "37.58E 48.74N", "E 37.58 48.74", "+48.74, +37.58"),
    *("48°44′24″N 37°34′48″E", "48° 44' 24\" N, 37° 34' 48\" E", "48°44.4′N 37°34.8′E"),
    # in brackets, as a tuple or a list, with words around
    *("(48.74, 37.58)", "[48,74; 37,58]", '"48.74, 37.58"', "Координати: 48.74, 37.58"),
    # without marks, or without some of them
    *("48°44.4N 37°34.8E", "N48 44 24 E37 34 48", "48 44 24, 37 34 48", "48 44.4 37 34.8"),
    *("48 44 24 N 37 34 48 E", "48°44'24''N, 037°34'48''E", "48.74° 37.58°", "N 48°44.4' E 37.58"),
    # in words
    *("48.74 пн. ш., 37.58 сх. д.", "48,74° пн.ш. 37,58° сх.д.", "48.74 с. ш. 37.58 в. д."),
    *("48°44'24\" с.ш., 37°34'48\" в.д.", "37.58 сх. д., 48.74 пн. ш.", "С 48.74, В 37.58"),
    *("48.74 північної широти 37.58 східної довготи", "Широта: 48.74, долгота: 37.58"),
    *("48 град. 44 мин. 24 сек. с.ш., 37 град. 34 мин. 48 сек. в.д.", "lat=48.74 lng=37.58"),
    # of programs
    *("POINT (37.58 48.74)", "SRID=4326;POINT(37.58 48.74)", "geo:48.74,37.58?z=12"),
    # links
    "https://maps.google.com/?q=48.74,37.58",
    "https://www.google.com/maps/@48.74,37.58,12z",
    "https://www.google.com/maps/place/Bakhmut/@48.5,37.9,12z/data=!3m1!4b1!8m2!3d48.74!4d37.58",
    "https://www.google.com/maps/place/48%C2%B044'24.0%22N+37%C2%B034'48.0%22E/@48.7,37.5,17z",
    "https://www.google.com/maps/search/?api=1&query=48.74%2C37.58",
    "https://deepstatemap.live/en#10.5/48.7400000/37.5800000",
    "https://www.openstreetmap.org/#map=12/48.74/37.58",
    "https://www.openstreetmap.org/?mlat=48.74&mlon=37.58#map=12/48.1/37.1",
    "https://maps.apple.com/?ll=48.74,37.58&q=Kramatorsk",
    "maps.apple.com/place?coordinate=48.74,37.58&name=x",
    "https://yandex.com/maps/?ll=37.58%2C48.74&z=12",
    "https://example.org/?plan=point21-axios#place=48.74000,37.58000",
]

NO_POSITIONS = [
    *("48.74", "48.74, 37.58, 1", "91, 20", "20, 181", "48N 37N", "48°61′N 37°E", "1e5, 3"),
    *("84300", "48 44 24.5 37", "48.5 44 24 37.5 34 48", "48′ 37′", "48.74, -37-58", "Нью-Йорк"),
    *("", "—"),
]

# With a word of the sentence that says why; none where nothing looks like a position.
UNREAD = [
    *(("37U DP 28000 98000", "MGRS"), ("37udp2800098000", "MGRS"), ("37U 428000 5398000", "MGRS")),
    *(("5398000 7428000", "SK-42"), ("X=5398000 Y=7428000", "SK-42"), ("х: 53 98000", "")),
    *(("СК-42: 5398000, 7428000", "SK-42"), ("УСК-2000 5398000 7428000", "SK-42")),
    *(("https://maps.app.goo.gl/AbCd", "link"), ("8GX4PPQ5+22", "Plus code"), ("91, 20", "90")),
    *(("Kramatorsk", ""), ("с. Веселе", ""), ("48.74, 37.58", ""), ("", ""), ("84300", "")),
]
