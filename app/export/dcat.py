"""Metadata for search engines and data catalogues: schema.org/Dataset, DCAT.

Addresses are relative to that of the document, so that they hold behind any proxy.

References
----------
W3C, Data Catalog Vocabulary (DCAT) version 3; SEMIC, DCAT-AP 3.0 (what is mandatory);
schema.org, Dataset; W3C, JSON-LD 1.1.
"""

from dataclasses import asdict
from datetime import date
from typing import Any, Final

from app.datasets.catalogue import Catalogue, Selection
from app.documents.common import METHOD, NEUTRALITY_NOTE, join_credits, list_sources, write_query
from app.export.formats import FileFormat, installed_formats
from app.sources import HOME_BOUNDARIES, HOME_SOURCE
from app.version import program_version
from geo.model.boundaries import Boundaries
from geo.model.provenance import Provenance
from geo.plans.plan import Plan
from geo.scenario import hash_inputs

__all__ = ["describe_catalog", "describe_dataset"]

_TITLE: Final = "Point 21 on the map"
_ABOUT: Final = (
    "What the territorial clauses of published proposals mean on the map of Ukraine: layers, areas "
    "and a ledger of change, for every line of contact."
)
_AUTHORS: Final = "The point21 authors"
_KEYWORDS: Final = ("Ukraine", "line of contact", "peace proposal", "area statistics")
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
_DAY: Final = "http://www.w3.org/2001/XMLSchema#date"

_CONTEXT: Final[dict[str, Any]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "bbox": {"@id": "dcat:bbox", "@type": _WKT},
    "startDate": {"@id": "dcat:startDate", "@type": _DAY},
    "endDate": {"@id": "dcat:endDate", "@type": _DAY},
    "issued": {"@id": "dct:issued", "@type": _DAY},
} | {
    name.partition(":")[2]: {"@id": name, "@type": "@id"}
    for name in (
        "dcat:dataset", "dcat:distribution", "dcat:service", "dcat:inSeries", "dcat:accessURL",
        "dcat:downloadURL", "dcat:endpointURL", "dcat:endpointDescription", "dcat:servesDataset",
        "dcat:mediaType", "dct:publisher", "dct:license", "dct:rights", "dct:source",
        "dct:spatial", "dct:temporal", "dct:conformsTo", "dct:language", "foaf:homepage",
    )
}  # fmt: skip
_ENGLISH: Final = "http://publications.europa.eu/resource/authority/language/ENG"
_SERVICES: Final = (
    ("HTTP interface (OpenAPI 3.1)", "api", "openapi.json", "https://spec.openapis.org/oas/v3.1.0"),
    (
        "OGC API – Features",
        "ogc",
        "ogc/conformance",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    ),
    ("Vector tiles (TileJSON 3.0)", "tiles/tiles.json", "tiles/tiles.json", ""),
)


# --- schema.org ----------------------------------------------------------------------------------


def describe_dataset(selection: Selection, *, formats: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe a scenario as a schema.org Dataset.

    Parameters
    ----------
    selection
        The scenario.
    formats
        Only the files of these formats; by default all that can be written here.

    Returns
    -------
    dict
        JSON-LD.
    """
    scenario = selection.scenario
    plan, day = scenario.plan, scenario.line.date
    sources = list_sources(selection)
    files = [form for form in installed_formats() if not formats or form.id in formats]
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"{plan.title}, line of contact of {day}",
        "description": f"{_ABOUT} {NEUTRALITY_NOTE}",
        "version": selection.identity["data_version"],
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": _AUTHORS},
        "license": scenario.line.provenance.licence_url,
        "keywords": list(_KEYWORDS),
        "temporalCoverage": day.isoformat(),
        "spatialCoverage": {
            "@type": "Place",
            "name": "Ukraine",
            "geo": {"@type": "GeoShape", "box": _write_box(scenario.boundaries)},
        },
        "creditText": join_credits(sources),
        "isBasedOn": list(dict.fromkeys(s["url"] for s in sources if s["url"])),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": form.title,
                "encodingFormat": form.media_type,
                "contentUrl": _address(form, write_query(selection)),
            }
            for form in files
        ],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": _TITLE, "url": "catalog"},
    }


def _address(form: FileFormat, query: str) -> str:
    return f"api/downloads/{form.id}?{query}"


def _bounds(boundaries: Boundaries) -> list[float]:
    """Return west, south, east, north in degrees, wide enough after rounding."""
    import shapely

    west, south, east, north = shapely.total_bounds(boundaries.geometry).tolist()
    return [west - 0.005, south - 0.005, east + 0.005, north + 0.005]


def _write_box(boundaries: Boundaries) -> str:
    """Write a box as schema.org wants it: latitude first, the south-western corner first."""
    west, south, east, north = _bounds(boundaries)
    return f"{south:.2f} {west:.2f} {north:.2f} {east:.2f}"


# --- DCAT ----------------------------------------------------------------------------------------


def describe_catalog(catalogue: Catalogue) -> dict[str, Any]:
    """Describe every plan on every day as a DCAT catalogue.

    Parameters
    ----------
    catalogue
        Plans, lines, boundaries and places.

    Returns
    -------
    dict
        JSON-LD: a series for each plan, a data set for each plan and day with its version and
        files, the data sets that all of it is made from, and those that the operator offers beside
        them (``source=``, ``boundaries=``).
    """
    dataset = catalogue.dataset
    provenances = {
        "boundaries": dataset.boundaries.provenance,
        "lines": dataset.lines.provenance,
        "places": dataset.observations.provenance,
        **_offered(catalogue),
    }
    series = [_describe_series(plan) for plan in dataset.plans.values()]
    days = [
        _describe_day(catalogue, plan, day)
        for plan in dataset.plans.values()
        for day in dataset.lines.dates
    ]
    sources = [_describe_source(name, found) for name, found in provenances.items()]
    datasets = [*series, *days, *sources]
    return {
        "@context": _CONTEXT,
        "@id": "catalog",
        "@type": "dcat:Catalog",
        "dct:title": {"@value": _TITLE, "@language": "en"},
        "dct:description": {
            "@value": f"{_ABOUT} {METHOD} {NEUTRALITY_NOTE}",
            "@language": "en",
        },
        "publisher": {"@id": "catalog#authors", "@type": "foaf:Agent", "foaf:name": _AUTHORS},
        "language": _ENGLISH,
        "homepage": {"@id": ".", "@type": "foaf:Document"},
        "dcat:version": dataset.files_version,
        "rights": {
            "@id": "catalog#credit",
            "@type": "dct:RightsStatement",
            "rdfs:label": join_credits(map(asdict, provenances.values())),
        },
        "spatial": _describe_place(dataset.boundaries),
        "service": [_describe_service(*service) for service in _SERVICES],
        "dataset": datasets,
    }


def _describe_place(boundaries: Boundaries) -> dict[str, Any]:
    return {
        "@id": "catalog#ukraine",
        "@type": "dct:Location",
        "rdfs:label": "Ukraine in its internationally recognised borders",
        "bbox": _write_polygon(boundaries),
    }


def _write_polygon(boundaries: Boundaries) -> str:
    west, south, east, north = (f"{value:.2f}" for value in _bounds(boundaries))
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return f"POLYGON(({', '.join(' '.join(corner) for corner in ring)}))"


def _describe_series(plan: Plan) -> dict[str, Any]:
    return {
        "@id": f"catalog#{plan.id}",
        "@type": "dcat:DatasetSeries",
        "dct:title": {"@value": plan.title, "@language": "en"},
        "dct:description": {
            "@value": plan.note or f"{plan.title}, applied to every line of contact.",
            "@language": "en",
        },
        "issued": plan.published.isoformat(),
        "publisher": "catalog#authors",
        "spatial": "catalog#ukraine",
        **_if_any("source", plan.source.url, "foaf:Document"),
    }


def _describe_day(catalogue: Catalogue, plan: Plan, day: date) -> dict[str, Any]:
    dataset = catalogue.dataset
    line = catalogue.line(day)
    version = hash_inputs(dataset.boundaries, line, plan, dataset.observations)
    query = f"plan={plan.id}&date={day}"
    return {
        "@id": f"catalog#{plan.id}@{day}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{plan.id}@{day}",
        "dct:title": {"@value": f"{plan.title}, line of contact of {day}", "@language": "en"},
        "dct:description": {
            "@value": f"Layers and tables of {plan.title} on the line of contact of {day}.",
            "@language": "en",
        },
        "inSeries": f"catalog#{plan.id}",
        "dcat:version": version,
        "dcat:keyword": list(_KEYWORDS),
        "publisher": "catalog#authors",
        "spatial": "catalog#ukraine",
        "temporal": {
            "@type": "dct:PeriodOfTime",
            "startDate": day.isoformat(),
            "endDate": day.isoformat(),
        },
        "source": [f"catalog#{name}" for name in ("boundaries", "lines", "places")],
        "dcat:landingPage": {"@id": f".?{query}", "@type": "foaf:Document"},
        "distribution": [
            _describe_file(form, query, line.provenance) for form in installed_formats()
        ],
    }


def _describe_file(form: FileFormat, query: str, provenance: Provenance) -> dict[str, Any]:
    """Describe one file; the line's licence asks most, the others ask no more than to be named."""
    address = _address(form, query)
    return {
        "@type": "dcat:Distribution",
        "dct:title": form.title,
        "accessURL": address,
        "downloadURL": address,
        "mediaType": f"{_IANA}{form.media_type}",
        "rights": "catalog#credit",
        **_licensed(provenance),
    }


def _offered(catalogue: Catalogue) -> dict[str, Provenance]:
    """Find where the operator's own lines and units come from."""
    lines = {
        f"source-{name}": catalogue.using(source=name).dataset.lines.provenance
        for name in catalogue.sources
        if name != HOME_SOURCE
    }
    units = {
        f"boundaries-{name}": catalogue.using(boundaries=name).dataset.boundaries.provenance
        for name in catalogue.boundary_sets
        if name != HOME_BOUNDARIES
    }
    return lines | units


def _describe_source(name: str, provenance: Provenance) -> dict[str, Any]:
    return {
        "@id": f"catalog#{name}",
        "@type": "dcat:Dataset",
        "dct:title": {"@value": provenance.title, "@language": "en"},
        "dct:description": {"@value": provenance.source, "@language": "en"},
        "dcat:version": provenance.sha256[:16],
        "publisher": "catalog#authors",
        "spatial": "catalog#ukraine",
        "dct:bibliographicCitation": provenance.attribution,
        **_licensed(provenance),
        **_if_any("dcat:landingPage", provenance.url, "foaf:Document"),
    }


def _licensed(provenance: Provenance) -> dict[str, Any]:
    return _if_any("license", provenance.licence_url, "dct:LicenseDocument")


def _if_any(name: str, address: str, kind: str) -> dict[str, Any]:
    """Name an address, where there is one."""
    return {name: {"@id": address, "@type": kind}} if address else {}


def _describe_service(title: str, endpoint: str, description: str, standard: str) -> dict[str, Any]:
    return {
        "@id": f"catalog#{endpoint.partition('/')[0]}-service",
        "@type": "dcat:DataService",
        "dct:title": {"@value": title, "@language": "en"},
        "endpointURL": endpoint,
        "endpointDescription": description,
        "dcat:version": program_version(),
    } | ({"conformsTo": standard} if standard else {})
