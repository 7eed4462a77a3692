"""OmegaConf 2.3: nodes of frozen dataclasses that can be merged into."""

from __future__ import annotations

from dataclasses import is_dataclass

from omegaconf import DictConfig, OmegaConf


def make_writable(node: DictConfig) -> DictConfig:
    """Make structured nodes writable, recursively, and return the node.

    Frozen dataclasses become read-only nodes, which cannot be merged into; as objects they are frozen again.
    `OmegaConf.set_readonly` is for one node and what inherits from it, and a frozen child has the flag itself. A child
    that is None or missing has no node yet: only its private metadata tell the dataclass that it is to have.
    """
    OmegaConf.set_readonly(node, False)
    for key in node:
        child = node._get_node(key)
        if isinstance(child, DictConfig) and not child._is_none() and not child._is_missing():
            make_writable(child)
        elif isinstance(child, DictConfig) and is_dataclass(child._metadata.ref_type):
            node[key] = make_writable(OmegaConf.structured(child._metadata.ref_type))
    return node
