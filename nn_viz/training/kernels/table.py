"""The columns of the table by which the kernels know a network: one row of whole numbers for each layer.

Nothing is compiled for a network: the kernels read its shapes from this table, which `plan` makes. Offsets and strides
count float32 numbers.
"""

from __future__ import annotations

from nn_viz.training.kernels.memory import LedgerMemory, ParameterVectors, Workspace

(
    KIND,  # one of the kinds below
    ACTIVATION,  # one of the activations below
    UNITS,  # neurons, filters or cells
    KERNEL,  # side of the window, or of the pooling tile
    STRIDE,  # of a convolution's window
    POOL,  # side of the max pooling tile that follows a convolution; 0: none
    SIDE,  # of a map before pooling (of its part that pooling looks at)
    INPUT,  # where the inputs of the batch's first picture begin, in `activations`; their errors in `errors`
    INPUT_PICTURE,  # from one picture to the next
    INPUT_TILE,  # of a dense layer: from one tile of pieces to the next
    INPUT_ROW,  # from one row of a map to the next, its border included
    INPUT_CELL,  # from one cell to the next: the channels, filled up to whole vectors
    INPUT_SIDE,  # of the maps, without a border
    INSIDE,  # from the beginning of a picture's inputs to the first cell inside the border
    OUTPUT,
    OUTPUT_PICTURE,
    OUTPUT_ROW,
    OUTPUT_CELL,
    OUTPUT_INSIDE,  # from the beginning of a picture's outputs to the first cell inside the border
    OUTPUT_SIDE,
    WEIGHTS,  # where the weights begin, in `values`
    BIASES,
    PIECES,  # vectors of a filter's weights in one row of its window, or of a dense layer's inputs
    PACKED,  # where a convolution's weights are packed for the forward pass, in `scratch`
    UNPOOLED,  # where a convolution's maps stand before pooling, in `scratch`
    WINNERS,  # where it is noted which cell of a tile was the largest, in `winners`
    WINNERS_PICTURE,
    GRADIENTS,  # where a layer's gradient begins, in `gradients`; a first layer with windows has one for each class
    BIAS_GRADIENTS,
    OFFSETS,  # where it is noted, in `piece_offsets`, where each piece of a convolution's window stands in it
    WEIGHT_COUNT,  # float32 numbers of the weights in `values`, filling included
    BIAS_COUNT,
    BY_PICTURE,  # where a dense layer's lists begin, in `by_picture`, `by_piece` and `moving`
    BY_PIECE,
    MOVING,
    COLUMNS,  # how many there are
) = range(36)

(
    LAYERS,  # rows of the table
    FIRST_WEIGHTED,  # the row of the first layer with weights
    BATCH,  # the most pictures of a batch
    WAITING_INPUTS,  # where the inputs that wait to be entered into the ledger begin, in `activations`
    WAITING_CAPACITY,  # pictures that there is room for
    ROWS,  # of the ledger; 0: none is kept
    LENGTH,  # images of a batch, the last one of an epoch excepted
    DONE,  # batches that the last call has trained on
    IMAGES,  # trained on since the sums were reset
    RIGHT,  # of these, as they were read before the step they led to
    WAITING,  # steps that wait to be entered into the ledger
    WAITING_STEPS,  # the most of them
    OPTIMISER,  # one of the optimisers below
    TABLE,  # an address, as are all that follow
    DOUBLES,  # float64: see below
    PIXELS,
    LABELS,
    ORDER,
    MAPS,  # float32 (images, 2, 3): how each image of the order is moved (`moving`); 0: none is
    EVALUATED_PIXELS,
    EVALUATED_LABELS,
    CONFUSION,  # int64 (100)
    ARRAYS,  # first of those of `memory.ParameterVectors`, `Workspace` and `LedgerMemory`, in this order
) = range(23)
CONTROL = ARRAYS + sum(len(arrays._fields) for arrays in (ParameterVectors, Workspace, LedgerMemory))
"""Length of the control: sizes and addresses, one list instead of thirty arguments (an array costs 0.2 µs a call)."""

L2, BETA, ALPHA, FACTOR, SHIFT, SCALE, CONSTANTS = range(7)
"""The numbers of a training, float32: the moment is beta * moment + alpha * gradient; a byte b of a picture becomes
(b * factor - shift) * scale."""

LOSS, RATE, CORRECTION = range(3)
"""Of `DOUBLES`: the sum of the losses over IMAGES, then rate and correction (`update`) of each batch to come."""

TRAIN, ENTER, EVALUATE = range(3)
"""What the kernels are called for (`steps.run`)."""

DENSE, CONV, LOCAL, MAX_POOL, MEAN_POOL = range(5)
LINEAR, RELU, TANH, SIGMOID = range(4)

SGD, MOMENTUM, ADAM, GRADIENT = range(4)
"""The optimisers. The last is there for tests: it changes no weight and writes the gradient into the first moment."""
