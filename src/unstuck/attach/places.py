"""The book of places: which module, functional call or parameter a tensor belongs to, in the order of the real data flow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from unstuck.attach import data_flow, graph
from unstuck.attach.discovery import ModuleSites
from unstuck.attach.gradients import Watched, spare
from unstuck.attach.module_names import ModuleNames, kind_of
from unstuck.attach.plans import MAX_PLACES, Call, Plan, Signature, followed
from unstuck.attach.variables import Variables
from unstuck.records import Place

#: Kinds whose output has one autograd node of its own, so that the gradient it sends on can be read there.
NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "RMSNorm")


class PlaceBook(ModuleNames):
    """Names places, and remembers the plan for each shape of graph."""

    def __init__(self, sites: ModuleSites, folder: str | None = None) -> None:
        super().__init__(sites, folder)
        self._plans: dict[int, Plan] = {}
        self.places: dict[str, Place] = {}
        self._functional_sites: dict[Any, tuple[str, int | None, str | None, int | None]] = {}
        #: Weighted layers with nothing but linear operations between them: (lower, upper) -> the operations that are there.
        self.linear_pairs: dict[tuple[str, str], list[str]] = {}
        #: Operations of the network that are not linear in the signal.
        self.bends: set[str] = set()
        #: Weighted layers that no shortcut passes, in the deepest of the graphs seen.
        self.plain_layers = 0
        self._functional: dict[tuple[str, int], Place] = {}  # (kind, how-manieth of its kind in the graph) -> its place
        #: Names of parameters that no module holds.
        self.variables = Variables()
        #: Modules of no known model that were called in this step, by the ids of their parameters: the line that made them, and whether it was
        #: inside the forward pass of a model that is known (only seen while the first of those are followed).
        self.strangers: dict[int, tuple[tuple[str | None, int | None], bool]] = {}

    def know(self, models: Sequence[nn.Module], names: Sequence[str]) -> None:
        """Learn the names of the modules of these models."""
        super().know(models, names)
        self._plans.clear()

    def meet(self, module: nn.Module, inside: bool) -> None:
        """A module of no known model was called: one that no optimizer trains, a layer in a plain list, or one made in the forward pass itself."""
        site = self.relative(self._sites.of(module))
        self.strangers.update({id(p): (site, inside) for p in module._parameters.values() if p is not None})

    # ------------------------------------------------------------------------------------------------ the plan

    def known_plan(self, signature: Signature) -> Plan | None:
        """The plan for these calls and this graph, where such were there before."""
        plan = self._plans.get(hash(signature))
        return plan if plan is not None and plan.signature == signature else None

    def plan(self, signature: Signature, calls: list[Call], nodes: list[graph.Node]) -> Plan:
        """The plan for this forward's calls and this graph; made anew where either has changed its shape."""
        plan = self.known_plan(signature)
        if plan is None:
            if len(self._plans) > 64:  # graphs of ever-changing shape
                self._plans.clear()
            plan = self._plans[hash(signature)] = self._make_plan(signature, calls, nodes)
        return plan

    def _make_plan(self, signature: Signature, calls: list[Call], nodes: list[graph.Node]) -> Plan:
        role = data_flow.roles(nodes)
        index = {node: i for i, node in enumerate(nodes)}
        entries: list[tuple[float, int, str, Any]] = []  # (position in the forward, tie, what, item)
        position = -1.0
        cores: set[graph.Node] = set()
        for i, call in enumerate(calls):
            core = graph.core_of(call.node) if call.node is not None else None
            if core is not None and core in index:
                position = float(core._sequence_nr())
                cores.add(core)
            entries.append((position, i, "call", (call, core)))
        for i, node in enumerate(nodes):
            if node in cores or node.name() in graph.VIEWS or node.name().endswith("AccumulateGrad"):
                continue
            if graph.is_activation(node) or self._owns_weights(node):
                entries.append((float(node._sequence_nr()), i, "node", node))
        entries.sort(key=lambda e: (e[0], e[1]))
        plan = Plan(signature, [None] * len(calls), [])
        counts: dict[str, int] = {}
        taken: set[graph.Node | None] = set()
        for _, i, what, item in entries[:MAX_PLACES]:
            if what == "call":
                if item[1] is not None and item[1] not in index:
                    plan.pending.append(i)
                if not followed(item[0].nth):
                    taken.add(item[1])
                    continue
                place = self._call_place(item[0], item[1], role.get(item[1], "other") if item[1] is not None else "other")
                plan.call_places[i] = place
                # A module that hands its input on (Identity, dropout in eval mode) has the node of the one before it, and no gradient of its own.
                node = item[1] if item[1] in index and item[1] not in taken else None
                taken.add(item[1])
            else:
                found = self._node_place(item, role[item], counts)
                if found is None:
                    continue
                place, node = found, item
                if graph.is_activation(item):
                    plan.functional.append((index[item], place))
            if node is not None:
                plan.watched.append(Watched(index[node], place, self._slot(node), i if what == "call" else None))
        spare(plan.watched, nodes)
        self._follow(nodes, {nodes[w.index]: w.place for w in plan.watched})
        return plan

    def _follow(self, nodes: list[graph.Node], places: dict[graph.Node, Place]) -> None:
        """Learn which weighted layers follow one another, and with what between them."""
        weighted = {n: p for n, p in places.items() if graph.is_weighted(n)}
        for node, place in weighted.items():
            for lower, between in data_flow.linear_paths(node, weighted):
                self.linear_pairs.setdefault((weighted[lower].name, place.name), between)
        self.plain_layers = max(self.plain_layers, data_flow.without_a_way_around(nodes))
        if len(self.bends) < 64:
            self.bends.update(data_flow.bends(nodes))

    def notes(self) -> dict[str, int | list[Any]]:
        """Exact observations on the data flow."""
        pairs = [[lower, upper, ",".join(between)] for (lower, upper), between in list(self.linear_pairs.items())[:200]]
        return {"graph.linear_pairs": pairs, "graph.bends": sorted(self.bends), "graph.plain_layers": self.plain_layers}

    @staticmethod
    def _owns_weights(node: graph.Node) -> bool:
        """A product or a lookup; what is done to a matrix on its own (a penalty, a scale) has no signal to follow."""
        if not (graph.is_weighted(node) or graph.stem(node) in ("Mv", "Embedding", "EmbeddingBag")):
            return False
        return any((p := graph.parameter_of(f)) is not None and p.dim() > 1 for f, _ in node.next_functions)

    @staticmethod
    def _slot(node: graph.Node) -> int | None:
        """The input of a node through which the signal came; None where there is none, or more than one."""
        slots = [i for i, (f, _) in enumerate(node.next_functions) if f is not None and graph.parameter_of(f) is None]
        return slots[0] if len(slots) == 1 else None

    def _put(self, place: Place) -> Place:
        known = self.places.get(place.name)
        if known is not None:
            if known.role != place.role and place.role != "other":
                known = self.places[place.name] = replace(known, role=place.role)
            return known
        place = replace(place, order=len(self.places))
        self.places[place.name] = place
        return place

    def _call_place(self, call: Call, core: graph.Node | None, role: str) -> Place:
        kind = kind_of(call.module)
        known = type(call.module).__module__.startswith("torch.nn")
        if not known and not call.module._parameters and core is not None and graph.is_activation(core):
            kind = f"functional {graph.ACTIVATIONS[core.name()][0]}"  # a user's own module around an activation function
            self.is_around(call.module, kind)
        name = (self.name_of(call.module) or kind.lower()) + (f"#{call.nth + 1}" if call.nth else "")
        file, line = self.site_of(call.module)
        role = "norm" if kind in NORMS else role
        return self._put(Place(name=name, kind=kind, file=file, line=line, role=role, shape=tuple(call.shape)))  # type: ignore[arg-type]

    def _node_place(self, node: graph.Node, role: str, counts: dict[str, int]) -> Place | None:
        """Named by the line that called it; where that was not noted, it is the place that had this rank in an earlier graph.

        None where the same was there too often already (`followed`)."""
        kind = graph.ACTIVATIONS[node.name()][0] if graph.is_activation(node) else "matmul"
        rank = counts[kind] = counts.get(kind, 0) + 1
        if kind == "matmul" and (known := self._matrix_of(node)) is not None:
            stem, (file, line) = f"matmul({known[0]})", self.relative(known[1])
            nth = counts[stem] = counts.get(stem, 0) + 1  # more than once: the same weights again, as in a walk through time
            if not followed(nth - 1):
                return None
            return self._put(Place(name=stem if nth == 1 else f"{stem}#{nth}", kind="functional matmul", file=file, line=line, role=role))  # type: ignore[arg-type]
        site = self._functional_sites.get(node)
        if site is None and (kind, rank) in self._functional:
            return self._functional[kind, rank]
        kind, call, file, line = site or (kind, None, None, None)
        stem = f"{kind}@{os.path.basename(file)}:{line}" if file else kind
        nth = counts[stem] = counts.get(stem, 0) + bool(file)
        if not followed((nth if file else rank) - 1):
            return None
        name = f"{stem}#{nth if file else rank}" if nth > 1 or not file else stem
        place = self._put(Place(name=name, kind=f"functional {kind}", file=file, line=line, role=role, call=call))  # type: ignore[arg-type]
        self._functional[kind, rank] = place
        return place

    def _matrix_of(self, node: graph.Node) -> tuple[str, tuple[str, int] | None] | None:
        """Name and line of the weights that a product multiplies with; None where they have none of their own (see `name_parameters`)."""
        found = [p for f, _ in node.next_functions if f is not None and (p := graph.parameter_of(f)) is not None and p.dim() > 1]
        return next((known for p in reversed(found) if (known := self.variables.of(p) or self._name_in_module(p)) is not None), None)

    def _name_in_module(self, parameter: torch.Tensor) -> tuple[str, tuple[str, int] | None] | None:
        """Name and line of a parameter of a known module."""
        module, key = self._owners().get(id(parameter), (None, ""))
        if module is None:
            return None
        name = self.name_of(module) or ""
        return (f"{name}.{key}" if name else key), self._sites.of(module)

    def note_functional_call(self, node: graph.Node, kind: str, call: int, site: tuple[str, int] | None) -> None:
        """Learn which line of the user's called the function that made a node (only while the first forwards are followed)."""
        file, line = self.relative(site)
        self._functional_sites[node] = (kind, call, file, line)

    def place_of_node(self, node: graph.Node) -> str:
        """Name of the place of a functional call whose line was noted; "" where it was not."""
        site = self._functional_sites.get(node)
        return f"{site[0]}@{os.path.basename(site[2])}:{site[3]}" if site is not None and site[2] else ""

    def forget_nodes(self) -> None:
        """Let go of the graph, and of what was met on the way."""
        self._functional_sites.clear()
        self.strangers.clear()

    # ------------------------------------------------------------------------------------------------ parameters

    def name_parameters(self, parameters: Sequence[torch.Tensor]) -> None:
        """Name those that no module holds after the variables that do."""
        owners = self._owners()
        self.variables.learn([p for p in parameters if id(p) not in owners])

    def parameter_places(self, parameters: Sequence[torch.Tensor]) -> list[Place]:
        """A place for every parameter; its order is that of its layer, where that has one."""
        owners = self._owners()
        found = []
        for i, parameter in enumerate(parameters):
            owner_and_key = owners.get(id(parameter))
            site: tuple[str | None, int | None] = (None, None)
            if owner_and_key is None:
                name, line = self.variables.of(parameter) or (f"parameter[{i}]", None)
                site = self.relative(line)
                kind, order = "parameter", self.places[f"matmul({name})"].order if f"matmul({name})" in self.places else i
            else:
                module, key = owner_and_key
                owner = self.name_of(module) or ""
                name, kind = (f"{owner}.{key}" if owner else key), (key if key in ("weight", "bias") else "parameter")
                site = self.site_of(module)
                order = self.places[owner].order if owner in self.places else -1
            shape = tuple(parameter.shape)
            found.append(Place(name=name, kind=kind, order=order, file=site[0], line=site[1], role="other", shape=shape))
        return found
