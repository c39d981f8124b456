"""Views of the Experiments page's switches: the prediction, the number of seeds, what the walls show."""

from __future__ import annotations

from nn_viz.experiments import Experiment
from nn_viz.insight import first_weighted_layer
from nn_viz.network import Dense
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments.parameters import UNSURE, ExperimentChoices
from nn_viz.ui.pages.experiments.state import chosen_experiment, prediction_of
from nn_viz.ui.widgets.picture_switches import wall_controls
from nn_viz.ui.widgets.switches import Control, Switches

SILENT = "Hides the weights of pixels in which no training picture ever has ink."
COMPARE = "Off: one colour scale for networks that compare. On: each picture uses all colours."
SEEDS = (1, 3, 5)
SEEDS_HELP = (
    "A seed is a random start. One run can be luck: with more of them you see how far the results lie apart, and the "
    "verdict takes that into account. It takes so many times as long."
)


def prediction(context: ViewContext) -> Switches | None:
    """Return the list of predictions to choose from before the run."""
    experiment = chosen_experiment(context.chosen)
    if experiment is None:
        return None
    keys = [*(prediction.key for prediction in experiment.predictions), UNSURE]
    texts = [*(prediction.text for prediction in experiment.predictions), "I don't know"]
    said = prediction_of(context.chosen, experiment)
    options = tuple((text, {"predicted": key}) for text, key in zip(texts, keys, strict=True))
    control = Control("list", "What do you expect?", options, None if said is None else keys.index(said))
    return Switches(controls=(control,))


def seeds(context: ViewContext) -> Switches | None:
    """Return the switch for the number of seeds with which each network is trained."""
    if chosen_experiment(context.chosen) is None:
        return None
    chosen = context.chosen.of(ExperimentChoices).seeds
    offered = sorted({*SEEDS, chosen})  # a link can ask for another number
    options = tuple((str(count), {"seeds": str(count)}) for count in offered)
    control = Control("segments", "Seeds", options, offered.index(chosen), help=SEEDS_HELP, lead="Seeds")
    return Switches(controls=(control,))


def walls(context: ViewContext) -> Switches | None:
    """Return the switches of the arms' walls: weights or their change, the mask of silent pixels, the colour scale."""
    experiment = chosen_experiment(context.chosen)
    if experiment is None:
        return None
    silent = SILENT if _weighs_pixels(experiment) else None
    return Switches(controls=tuple(wall_controls(context.chosen, silent=silent, scale=COMPARE)))


def _weighs_pixels(experiment: Experiment) -> bool:
    """Return whether one of the networks has a weight for each pixel."""
    specs = [arm.spec for arm in experiment.arms]
    return any(first_weighted_layer(spec) == 0 and isinstance(spec.all_layers[0], Dense) for spec in specs)
