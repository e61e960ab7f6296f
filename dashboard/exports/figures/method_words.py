"""What a paper calls and cites for the methods that made a map or took a region away.

A package can come from an installation with further methods: what is not known here is said by its key.
"""

from __future__ import annotations

_MAPS = {"cam": "class activation map", "gradcam": "Grad-CAM", "gradcam_pp": "Grad-CAM++",
         "layercam": "LayerCAM", "rise": "RISE map", "occlusion": "occlusion map",
         "integrated_gradients": "integrated gradients", "flip": "smallest flip"}  # fmt: skip
MAP_WORKS = {"cam": "zhou2016", "gradcam": "selvaraju2017", "gradcam_pp": "chattopadhay2018",
             "layercam": "jiang2021", "rise": "petsiuk2018", "occlusion": "zeiler2014",
             "integrated_gradients": "sundararajan2017"}  # fmt: skip
REMOVAL_WORKS = {"telea": "telea2004", "navier_stokes": "bertalmio2001", "patchmatch": "barnes2009",
                 "resynthesizer": "harrison2001"}  # fmt: skip


def map_name(method: str) -> str:
    """A map's method in a sentence."""
    return _MAPS.get(method, f"{removal_name(method)} map")


def map_heading(method: str) -> str:
    """The same where there is little room."""
    return "CAM" if method == "cam" else map_name(method).removesuffix(" map")


def removal_name(method: str) -> str:
    """The method that took a region away, in a sentence."""
    return method.replace("_", " ")


def cite_map(method: str) -> tuple[str, ...]:
    """The reference of a map's method, if there is one."""
    return tuple(filter(None, [MAP_WORKS.get(method)]))


def cite_removal(method: str) -> tuple[str, ...]:
    """The same for a method that takes regions away."""
    return tuple(filter(None, [REMOVAL_WORKS.get(method)]))
