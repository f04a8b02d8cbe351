"""What is known of each layer already, for whoever has to rule it out."""

from __future__ import annotations

from incidents.alerts.queries import upstream
from incidents.postmortems.queries.review import Review
from incidents.response.vocabulary import DetectedBy, Layer


def known(review: Review) -> dict[str, list[str]]:
    """A few facts by layer, where it is to be ruled out; two queries then, none otherwise."""
    layers, incident = review.layers, review.incident
    if not layers.asks_six:
        return {}
    told: dict[str, list[str]] = {layer.value: [] for layer in Layer}
    suspects = upstream.suspected(incident.pk)
    if suspects:
        told[Layer.INTEGRATION].append(f"Suspected changes: {', '.join(change.title for change in suspects[:3])}.")
    told[Layer.LATENCY].append(_latency(review))
    if incident.detected_by in {DetectedBy.MONITOR, DetectedBy.ONLINE_EVAL}:
        told[Layer.EVALUATION].append(f"First noticed by: {incident.get_detected_by_display().lower()}.")
    elif incident.detected_by:
        told[Layer.EVALUATION].append(
            f"No monitor or eval noticed first, but: {incident.get_detected_by_display().lower()}."
        )
    if incident.suggested_layer in told:
        told[incident.suggested_layer].append(f"An alert points here: {incident.suggestion.get('why', 'by its rule')}.")
    return told


def _latency(review: Review) -> str:
    measured = review.layers.measured
    if not measured:
        return "No latency of a stage is recorded yet."
    over = [stage for stage in measured if stage.over]
    if not over:
        return f"{len(measured)} stages measured, none over its budget." if len(measured) > 1 else "1 stage, in budget."
    return f"Over budget: {', '.join(stage.label for stage in over)}."
