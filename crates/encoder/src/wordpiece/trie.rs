//! A vocabulary as a trie over bytes.

/// Nodes a trie may have: an edge packs its parent and a byte into 32 bits.
const NODES_MAX: usize = (1 << 24) - 1;
/// No edge has this key, because no node has the number `NODES_MAX`.
const NO_EDGE: u32 = u32::MAX;
/// The id of a node at which no token ends.
const NO_ID: u32 = u32::MAX;
/// A byte that no UTF-8 text has.
const NO_BYTE: u8 = u8::MAX;

/// Place of a node of a [`Trie`]; the tokens below it share their first bytes.
pub(super) type NodeIdx = u32;

/// Token ids by token.
///
/// The nodes lie in preorder: the first child of a node follows it, so that the
/// end of a long token is a run of memory. Only the other edges need to be looked
/// up, in a table of open addressing that is at most half full. Size and time to
/// build are linear in the vocabulary, whatever that holds.
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// (parent and byte, child) of all but first children; a power of two of them.
    edges: Box<[(u32, NodeIdx)]>,
    /// Bits of a hash that do not address an edge.
    shift: u32,
}

#[derive(Clone, Copy)]
struct Node {
    /// Of the token that ends here.
    id: u32,
    /// The byte that leads to the first child.
    first_byte: u8,
    has_more_children: bool,
}

impl Node {
    const LEAF: Self = Self { id: NO_ID, first_byte: NO_BYTE, has_more_children: false };
}

impl Trie {
    pub(super) const ROOT: NodeIdx = 0;

    /// `None` where the vocabulary is too large or has the id `u32::MAX`.
    pub(super) fn new(mut vocabulary: Vec<(&str, u32)>) -> Option<Self> {
        vocabulary.sort_unstable();
        let mut nodes = vec![Node::LEAF];
        let mut edges = Vec::new();
        // From the root to the end of the token before.
        let mut path = vec![Self::ROOT];
        let mut before = "";
        for (token, id) in vocabulary {
            let n_shared = token.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
            path.truncate(n_shared + 1);
            let mut end = path[n_shared];
            for byte in token.bytes().skip(n_shared) {
                let child = nodes.len() as NodeIdx;
                let parent = &mut nodes[end as usize];
                if end + 1 == child {
                    parent.first_byte = byte;
                } else {
                    parent.has_more_children = true;
                    edges.push((edge_key(end, byte), child));
                }
                nodes.push(Node::LEAF);
                path.push(child);
                end = child;
            }
            if id == NO_ID || nodes.len() > NODES_MAX {
                return None;
            }
            nodes[end as usize].id = id;
            before = token;
        }
        Some(Self::with_edges(nodes, &edges))
    }

    fn with_edges(nodes: Vec<Node>, edges: &[(u32, NodeIdx)]) -> Self {
        let n_slots = (2 * edges.len()).next_power_of_two().max(2);
        let shift = u32::BITS - n_slots.trailing_zeros();
        let mut trie = Self { nodes, edges: vec![(NO_EDGE, 0); n_slots].into(), shift };
        for &(key, child) in edges {
            let slot = trie.slot(key);
            trie.edges[slot] = (key, child);
        }
        trie
    }

    /// The node that some bytes lead to.
    pub(super) fn walk(&self, bytes: &[u8]) -> Option<NodeIdx> {
        bytes.iter().try_fold(Self::ROOT, |node, &byte| self.step(node, byte))
    }

    /// The id of the token that ends at a node.
    pub(super) fn id(&self, node: NodeIdx) -> Option<u32> {
        Some(self.nodes[node as usize].id).filter(|&id| id != NO_ID)
    }

    /// The longest token below a node with which `bytes` start, at least one
    /// byte long: its id and its length in bytes.
    pub(super) fn longest(&self, mut node: NodeIdx, bytes: &[u8]) -> Option<(u32, usize)> {
        let mut found = None;
        for (at, &byte) in bytes.iter().enumerate() {
            let Some(child) = self.step(node, byte) else { break };
            node = child;
            if let Some(id) = self.id(node) {
                found = Some((id, at + 1));
            }
        }
        found
    }

    #[inline]
    fn step(&self, node: NodeIdx, byte: u8) -> Option<NodeIdx> {
        let Node { first_byte, has_more_children, .. } = self.nodes[node as usize];
        if first_byte == byte {
            return Some(node + 1);
        }
        if !has_more_children {
            return None;
        }
        let key = edge_key(node, byte);
        let (found, child) = self.edges[self.slot(key)];
        (found == key).then_some(child)
    }

    /// Where an edge is, or the free place where it would be.
    #[inline]
    fn slot(&self, key: u32) -> usize {
        let mut slot = (key.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        while self.edges[slot].0 != key && self.edges[slot].0 != NO_EDGE {
            slot = (slot + 1) & (self.edges.len() - 1);
        }
        slot
    }
}

fn edge_key(node: NodeIdx, byte: u8) -> u32 {
    node << 8 | u32::from(byte)
}
