"""Vectors of eight float32 numbers for the kernels, as numba intrinsics.

LLVM turns a loop into vector instructions where it can prove that this is allowed, and keeps sums in memory where it
cannot prove that nobody else reads them. The inner loops of a network want neither to be left to chance: they add into
a handful of sums that must stay in registers. With a vector as a value of its own, a kernel says so.

Eight is the width of AVX2. Elsewhere LLVM splits each vector (SSE, NEON: two of four) or uses half a register
(AVX-512). The order of all sums stays the same, so the width of a processor's registers does not change a result. A
fused multiply-add, where a processor lacks it, does.

Arrays are pointers here: an array as numba knows it is passed from function to function as eight values, which costs
more than most of these functions do. Indices count numbers of the pointer's type; nothing is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from nn_viz.training.kernels.common import WIDTH

_INDEX = types.intp
_FLOAT = types.float32
FLOATS = types.CPointer(types.float32)
INTEGERS = types.CPointer(types.int64)
INDICES = types.CPointer(types.int32)
DOUBLES = types.CPointer(types.float64)
BYTES = types.CPointer(types.uint8)
_IR_FLOAT = ir.FloatType()
IR_INT = ir.IntType(32)
IR_VECTOR = ir.VectorType(_IR_FLOAT, WIDTH)
IR_INTEGERS = ir.VectorType(IR_INT, WIDTH)
_IR_BYTES = ir.VectorType(ir.IntType(8), WIDTH)
_ALIGNMENT = 4  # of a float: rows begin anywhere


def intrinsic_of(function: Callable[..., Any]) -> Any:
    """Return numba's intrinsic, without its type: to the reader it is called without the first parameter."""
    return intrinsic(function)


class Vector(types.Type):
    """The numba type of eight float32 numbers."""

    def __init__(self) -> None:
        super().__init__(name="Float32x8")


VECTOR = Vector()


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, IR_VECTOR)


def constant(value: float) -> ir.Constant:
    """Return eight times a number, as LLVM has it; for those who write an operation."""
    return ir.Constant(IR_VECTOR, [ir.Constant(_IR_FLOAT, value)] * WIDTH)


def call_llvm(builder: Any, name: str, *operands: Any) -> Any:
    """Call one of LLVM's own functions, `llvm.sqrt` and the like, on vectors."""
    kind = ir.FunctionType(IR_VECTOR, [IR_VECTOR] * len(operands))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{WIDTH}f32"), operands)


def _lanes(*lanes: int) -> ir.Constant:
    return ir.Constant(ir.VectorType(IR_INT, len(lanes)), list(lanes))


# Which lanes of two vectors side by side (0 to 7, 8 to 15) are added to which, until each lane holds one vector's sum.
_TOTALS = (
    (_lanes(0, 8, 2, 10, 4, 12, 6, 14), _lanes(1, 9, 3, 11, 5, 13, 7, 15)),
    (_lanes(0, 1, 8, 9, 4, 5, 12, 13), _lanes(2, 3, 10, 11, 6, 7, 14, 15)),
    (_lanes(0, 1, 2, 3, 8, 9, 10, 11), _lanes(4, 5, 6, 7, 12, 13, 14, 15)),
)


def _splat(builder: Any, value: Any) -> Any:
    undefined = ir.Constant(IR_VECTOR, ir.Undefined)
    single = builder.insert_element(undefined, value, ir.Constant(IR_INT, 0))
    return builder.shuffle_vector(single, undefined, _lanes(*[0] * WIDTH))


def _pointer(builder: Any, pointer: Any, index: Any, kind: Any = IR_VECTOR) -> Any:
    return builder.bitcast(builder.gep(pointer, [index]), kind.as_pointer())


def _pointer_at(kind: Any) -> Any:
    """Return the intrinsic that makes an address, an integer, a pointer of that kind."""

    def typed(typingctx: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            return builder.inttoptr(operands[0], context.get_value_type(kind))

        return kind(types.int64), codegen

    return intrinsic_of(typed)


floats_at = _pointer_at(FLOATS)
integers_at = _pointer_at(INTEGERS)
indices_at = _pointer_at(INDICES)
bytes_at = _pointer_at(BYTES)
doubles_at = _pointer_at(DOUBLES)


@intrinsic_of
def _read(typingctx: Any, pointer: Any, index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.load(builder.gep(operands[0], [operands[1]]))

    return pointer.dtype(pointer, _INDEX), codegen


@intrinsic_of
def _write(typingctx: Any, pointer: Any, index: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        builder.store(operands[2], builder.gep(operands[0], [operands[1]]))
        return context.get_dummy_value()

    return types.void(pointer, _INDEX, pointer.dtype), codegen


@intrinsic_of
def moved(typingctx: Any, pointer: Any, by: Any) -> Any:
    """The pointer to `pointer[by]`."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.gep(operands[0], [operands[1]])

    return pointer(pointer, _INDEX), codegen


@overload(operator.getitem)  # type: ignore[untyped-decorator]  # numba's
def _item(pointer: Any, index: Any) -> Any:
    if isinstance(pointer, types.CPointer) and isinstance(index, types.Integer):
        return lambda pointer, index: _read(pointer, index)
    return None


@overload(operator.setitem)  # type: ignore[untyped-decorator]
def _set_item(pointer: Any, index: Any, value: Any) -> Any:
    if isinstance(pointer, types.CPointer) and isinstance(index, types.Integer):
        return lambda pointer, index, value: _write(pointer, index, value)
    return None


def operation(arity: int, emit: Callable[..., Any]) -> Any:
    """Return the intrinsic from `arity` vectors to one, whose instructions `emit` writes."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return emit(builder, *operands)

    if arity == 1:

        def typed(typingctx: Any, a: Any) -> Any:
            return VECTOR(VECTOR), codegen

    elif arity == 2:

        def typed(typingctx: Any, a: Any, b: Any) -> Any:  # type: ignore[misc]
            return VECTOR(VECTOR, VECTOR), codegen

    else:

        def typed(typingctx: Any, a: Any, b: Any, c: Any) -> Any:  # type: ignore[misc]
            return VECTOR(VECTOR, VECTOR, VECTOR), codegen

    return intrinsic_of(typed)


@intrinsic_of
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """`array[index : index + 8]` of a float32 array."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.load(_pointer(builder, *operands), align=_ALIGNMENT, typ=IR_VECTOR)

    return VECTOR(FLOATS, _INDEX), codegen


@intrinsic_of
def load_bytes(typingctx: Any, array: Any, index: Any) -> Any:
    """`array[index : index + 8]` of an array of bytes, as numbers from 0 to 255."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, index = operands
        there = _pointer(builder, array, index, _IR_BYTES)
        return builder.uitofp(builder.load(there, align=1, typ=_IR_BYTES), IR_VECTOR)

    return VECTOR(BYTES, _INDEX), codegen


@intrinsic_of
def store(typingctx: Any, array: Any, index: Any, vector: Any) -> Any:
    """Write `vector` into `array[index : index + 8]`."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, index, vector = operands
        builder.store(vector, _pointer(builder, array, index), align=_ALIGNMENT)
        return context.get_dummy_value()

    return types.void(FLOATS, _INDEX, VECTOR), codegen


@intrinsic_of
def splat(typingctx: Any, value: Any) -> Any:
    """Eight times `value`, a float32."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return _splat(builder, operands[0])

    return VECTOR(_FLOAT), codegen


@intrinsic_of
def total(typingctx: Any, vector: Any) -> Any:
    """The sum of the eight numbers, a float32: neighbouring lanes are added, three times.

    The order is that of `totals`, so that neurons that are alike stay so to the last bit.
    """

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        (vector,) = operands
        for width in (4, 2, 1):
            even, odd = (_lanes(*range(begin, 2 * width, 2)) for begin in (0, 1))
            undefined = ir.Constant(vector.type, ir.Undefined)
            vector = builder.fadd(*(builder.shuffle_vector(vector, undefined, lanes) for lanes in (even, odd)))
        return builder.extract_element(vector, ir.Constant(IR_INT, 0))

    return _FLOAT(VECTOR), codegen


@intrinsic_of
def first(typingctx: Any, vector: Any) -> Any:
    """The first of the eight numbers."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.extract_element(operands[0], ir.Constant(IR_INT, 0))

    return _FLOAT(VECTOR), codegen


@intrinsic_of
def load_splat(typingctx: Any, array: Any, index: Any) -> Any:
    """Eight times `array[index]` of a float32 array."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, index = operands
        return _splat(builder, builder.load(builder.gep(array, [index]), align=_ALIGNMENT))

    return VECTOR(FLOATS, _INDEX), codegen


@intrinsic_of
def totals(
    typingctx: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any
) -> Any:  # numba counts the parameters
    """The sums of eight vectors as one vector: neighbouring lanes are added, three times."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        vectors = list(operands)
        for even, odd in _TOTALS:
            vectors = [
                builder.fadd(*(builder.shuffle_vector(one, other, lanes) for lanes in (even, odd)))
                for one, other in zip(vectors[::2], vectors[1::2], strict=True)
            ]
        return vectors[0]

    return VECTOR(*[VECTOR] * WIDTH), codegen


@intrinsic_of
def any_nonzero(typingctx: Any, vector: Any) -> Any:
    """Whether any of the eight numbers is not zero (or not a number)."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        found = builder.fcmp_unordered("!=", operands[0], constant(0.0))
        return builder.icmp_unsigned("!=", builder.bitcast(found, ir.IntType(WIDTH)), ir.Constant(ir.IntType(WIDTH), 0))

    return types.boolean(VECTOR), codegen


@intrinsic_of
def nonzero_bits(typingctx: Any, vector: Any) -> Any:
    """A bit for each of the eight numbers, the first is the lowest: 1 where it is not zero (or not a number)."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        found = builder.fcmp_unordered("!=", operands[0], constant(0.0))
        return builder.zext(builder.bitcast(found, ir.IntType(WIDTH)), ir.IntType(64))

    return types.int64(VECTOR), codegen


@intrinsic_of
def lowest_bit(typingctx: Any, bits: Any) -> Any:
    """The number of the lowest bit that is 1; there must be one."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.cttz(operands[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), codegen


add = operation(2, lambda builder, a, b: builder.fadd(a, b))
"""a + b."""
subtract = operation(2, lambda builder, a, b: builder.fsub(a, b))
"""a - b."""
multiply = operation(2, lambda builder, a, b: builder.fmul(a, b))
"""a * b."""
divide = operation(2, lambda builder, a, b: builder.fdiv(a, b))
"""a / b, rounded correctly."""
multiply_add = operation(3, lambda builder, a, b, c: call_llvm(builder, "llvm.fmuladd", a, b, c))
"""a * b + c, in one instruction and one rounding where the processor has it."""
multiply_subtract = operation(3, lambda builder, a, b, c: call_llvm(builder, "llvm.fmuladd", builder.fneg(a), b, c))
"""c - a * b, like `multiply_add`."""
square_root = operation(1, lambda builder, a: call_llvm(builder, "llvm.sqrt", a))
"""√a, rounded correctly."""
relu = operation(1, lambda builder, a: builder.select(builder.fcmp_ordered("<", a, constant(0.0)), constant(0.0), a))
"""max(a, 0); what is not a number stays so."""
where_positive = operation(
    2, lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, constant(0.0)), b, constant(0.0))
)
"""b where a > 0, else 0."""


@intrinsic_of
def where_exceeds(typingctx: Any, a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """`then` where a > b or a is not a number, else `otherwise`: torch's rule for the maximum of a pooling tile."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        a, b, then, otherwise = operands
        above = builder.or_(builder.fcmp_ordered(">", a, b), builder.fcmp_unordered("uno", a, a))
        return builder.select(above, then, otherwise)

    return VECTOR(VECTOR, VECTOR, VECTOR, VECTOR), codegen


@intrinsic_of
def where_equal(typingctx: Any, a: Any, b: Any, then: Any) -> Any:
    """`then` where a == b, else 0."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        a, b, then = operands
        return builder.select(builder.fcmp_ordered("==", a, b), then, constant(0.0))

    return VECTOR(VECTOR, VECTOR, VECTOR), codegen


@intrinsic_of
def where_small(typingctx: Any, a: Any, bound: Any, then: Any, otherwise: Any) -> Any:
    """`then` where |a| < bound, else `otherwise`."""

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        a, bound, then, otherwise = operands
        return builder.select(builder.fcmp_ordered("<", call_llvm(builder, "llvm.fabs", a), bound), then, otherwise)

    return VECTOR(VECTOR, VECTOR, VECTOR, VECTOR), codegen
