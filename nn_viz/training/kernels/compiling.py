"""How the kernels are compiled.

numba makes machine code of every function on its own, and then again of each one that calls it, with all that it calls:
for some fifty functions in five layers that took 25 s. Only one is called from Python. So the others are
left unoptimised, as parts, and LLVM sees all parts once, together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import _dynfunc, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "boundscheck": False, "no_cfunc_wrapper": True}


class _Part(JITCodeLibrary):
    """The code of a function that only others call: linked with what it calls, neither optimised nor loaded."""

    def _optimize_functions(self, ll_module: Any) -> None:
        pass

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):
    """Numba's last pass, without machine code."""

    _name = "lower_part"

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.flags.no_compile = True
        super().run_pass(state)
        result = state["cr"]
        name = state.func_id.func_name
        # What numba makes for a function without a wrapper for Python: it cannot be called from there.
        function = _dynfunc.make_function(
            result.fndesc.lookup_module(), name, f"Part of kernels: {name}", 0, result.env, (state.library,)
        )
        state.targetctx.insert_user_function(function, result.fndesc, [state.library])
        state["cr"] = result._replace(cfunc=function)
        return True


class _PartCompiler(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state, "part")
        manager.passes[:] = [(_LowerPart if each[0] is NativeLowering else each[0], each[1]) for each in manager.passes]
        manager._finalized = False
        manager.finalize()
        return [manager]


def kernel(function: Function) -> Function:
    """Compile a function that other kernels call. It checks no index, and ctypes has released the interpreter's lock.

    It is compiled once, for integers: numba would make another one for a 0, even for that which a loop begins with.
    """
    dispatcher = numba.njit(pipeline_class=_PartCompiler, no_cpython_wrapper=True, **_OPTIONS)(function)
    template = dispatcher.get_call_template

    def template_without_literals(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return template(tuple(types.unliteral(each) for each in arguments), keywords)

    dispatcher.get_call_template = template_without_literals
    return dispatcher


def object_code(function: Function, signature: Any) -> tuple[str, list[str], bytes]:
    """Compile a function with all kernels that it calls.

    Returns its name in the object file, the names that the file needs from outside, and the file.
    """
    compiled: Any = numba.cfunc(signature, nopython=True, error_model="numpy", boundscheck=False)(function)
    _, _, (data, _) = compiled._library.serialize_using_object_code()
    module = compiled._library._final_module
    functions = [f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")]
    variables = [v.name for v in module.global_variables if v.is_declaration]
    # LLVM itself calls these, for logarithms and for zeros.
    return compiled.native_name, [*functions, *variables, "logf", "memset"], data
