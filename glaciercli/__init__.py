"""glaciercli: an archive manager for Amazon Glacier.

The layers, top to bottom: ``cli``, ``render``, ``operations``, then the siblings ``service``,
``keymap``, ``transfer``, ``server`` and ``config``, then ``core``, then ``ports`` and
``reporting``, then ``model`` and ``errors``.  An import may only point down.
"""

__version__ = "0.1.0"
