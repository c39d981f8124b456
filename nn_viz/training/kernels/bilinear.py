"""`between_four`: bilinear interpolation, for eight positions at once."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from nn_viz.training.kernels.common import EMPTY_EDGE, PAPER_LINE, WIDTH
from nn_viz.training.kernels.vectors import FLOATS, IR_INT, IR_INTEGERS, IR_VECTOR, VECTOR, constant, intrinsic_of


@intrinsic_of
def between_four(typingctx: Any, paper: Any, x: Any, y: Any) -> Any:
    """What stands at (x, y) on the paper, for eight positions: bilinear between the four numbers around each.

    Positions outside are moved to the empty edge, and so is what is not a number.
    """

    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        paper, x, y = operands
        edge = constant(float(EMPTY_EDGE))
        whole, part = [], []
        for position in (x, y):
            position = builder.select(builder.fcmp_ordered(">", position, constant(0.0)), position, constant(0.0))
            position = builder.select(builder.fcmp_ordered("<", position, edge), position, edge)
            whole.append(builder.fptosi(position, IR_INTEGERS))
            part.append(builder.fsub(position, builder.sitofp(whole[-1], IR_VECTOR)))
        line = ir.Constant(IR_INTEGERS, [PAPER_LINE] * WIDTH)
        index = builder.add(builder.mul(whole[1], line), whole[0])
        pair = ir.VectorType(ir.FloatType(), 2)
        corners = [ir.Constant(IR_VECTOR, ir.Undefined) for _ in range(4)]
        for lane in range(WIDTH):
            at = ir.Constant(IR_INT, lane)
            for row in range(2):
                begin = builder.add(builder.extract_element(index, at), ir.Constant(IR_INT, row * PAPER_LINE))
                there = builder.gep(paper, [builder.sext(begin, ir.IntType(64))])
                two = builder.load(builder.bitcast(there, pair.as_pointer()), align=4, typ=pair)
                for side in range(2):
                    number = builder.extract_element(two, ir.Constant(IR_INT, side))
                    corners[2 * row + side] = builder.insert_element(corners[2 * row + side], number, at)
        lines = [_between(builder, corners[0], corners[1], part[0]), _between(builder, corners[2], corners[3], part[0])]
        return _between(builder, lines[0], lines[1], part[1])

    return VECTOR(FLOATS, VECTOR, VECTOR), codegen


def _between(builder: Any, one: Any, other: Any, part: Any) -> Any:
    return builder.fadd(one, builder.fmul(part, builder.fsub(other, one)))
