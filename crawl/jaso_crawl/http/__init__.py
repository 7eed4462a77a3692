"""The edges: the network, the page store, the browser. Nothing here knows a particular site."""
