"""Run by the Python that has QGIS: reads layers as QGIS does, writes what it found as JSON.

``qgis_reader.py oapif URL NAME:PAGE_SIZE …`` or ``qgis_reader.py file PATH NAME …``.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

from qgis.core import (
    QgsApplication,
    QgsDistanceArea,
    QgsProject,
    QgsVectorLayer,
)

DENSE_DEG = 0.0005


def open_layer(kind, address, name):
    if kind == "file":
        return QgsVectorLayer(f"{address}|layername={name}", name, "ogr")
    name, page_size = name.split("=")
    uri = f"typename='{name}' url='{address}' pageSize='{page_size}' version='OGC_API_FEATURES'"
    return QgsVectorLayer(uri, name, "OAPIF")


def measure(layer):
    """Give the worst relative error of the areas, as QGIS draws edges and with edges cut small."""
    ruler = QgsDistanceArea()
    ruler.setSourceCrs(layer.crs(), QgsProject.instance().transformContext())
    ruler.setEllipsoid("WGS84")
    plain = dense = 0.0
    for feature in layer.getFeatures():
        shape, told = feature.geometry(), feature["area_km2"]
        plain = max(plain, abs(ruler.measureArea(shape) / 1e6 / told - 1))
        cut = shape.densifyByDistance(DENSE_DEG)
        dense = max(dense, abs(ruler.measureArea(cut) / 1e6 / told - 1))
    return plain, dense


def describe(layer):
    if not layer.isValid():
        return {"valid": False, "why": layer.error().message()}
    features = list(layer.getFeatures())
    fields = {field.name(): field.typeName() for field in layer.fields()}
    found = {
        "valid": True,
        "ids": [feature["id"] for feature in features] if "id" in fields else [],
        "read": len(features),
        "counted": layer.featureCount(),
        "crs": layer.crs().authid(),
        "fields": fields,
        "renderer": layer.renderer().type() if layer.renderer() else None,
        "labels": layer.labelsEnabled(),
    }
    if layer.renderer() and layer.renderer().type() == "categorizedSymbol":
        found["classes"] = [str(each.value()) for each in layer.renderer().categories()]
        found["attribute"] = layer.renderer().classAttribute()
    if "area_km2" in fields and features:
        found["plain"], found["dense"] = measure(layer)
    return found


def main():
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    kind, address, *names = sys.argv[1:]
    layers = {name: open_layer(kind, address, name) for name in names}
    print(json.dumps({name.split("=")[0]: describe(layer) for name, layer in layers.items()}))
    sys.stdout.flush()
    os._exit(0)  # QGIS sometimes falls over its own order of destruction


main()
