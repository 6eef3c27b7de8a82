//! A graph of operators: each call adds one node and names its result.

use super::proto::Message;

/// Operator set: the first with `LayerNormalization`.
const OPSET: u64 = 17;
const IR_VERSION: u64 = 8;

/// Element types, by their numbers in ONNX.
#[derive(Clone, Copy)]
pub enum Element {
    Float = 1,
    Int32 = 6,
    Int64 = 7,
}

/// One dimension of an input or output.
#[derive(Clone, Copy)]
pub enum Dim {
    Fixed(usize),
    /// The number of candidates.
    Candidates,
}

/// A parameter of a node.
pub enum Attribute {
    Int(&'static str, u64),
    Float(&'static str, f32),
    Ints(&'static str, &'static [u64]),
}

/// A tensor in the graph, by its name.
#[derive(Clone)]
pub struct Value(String);

#[derive(Default)]
pub struct Graph {
    nodes: Vec<Message>,
    constants: Vec<Message>,
    inputs: Vec<Message>,
    n_names: usize,
}

impl Graph {
    pub fn input(&mut self, name: &str, element: Element, dims: &[Dim]) -> Value {
        self.inputs.push(value_info(name, element, dims));
        Value(name.to_owned())
    }

    pub fn floats(&mut self, dims: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Element::Float, dims, bytes)
    }

    pub fn ints(&mut self, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Element::Int64, &[values.len()], bytes)
    }

    pub fn node<const N: usize>(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: &[Attribute],
    ) -> [Value; N] {
        let outputs = std::array::from_fn(|_| self.name());
        let node = Message::default()
            .each(inputs, |node, input| node.bytes(1, &input.0))
            .each(&outputs, |node, output: &Value| node.bytes(2, &output.0))
            .bytes(4, operator)
            .each(attributes, |node, attribute| node.message(5, attribute_proto(attribute)));
        self.nodes.push(node);
        outputs
    }

    /// A node with one result.
    pub fn op(&mut self, operator: &str, inputs: &[&Value], attributes: &[Attribute]) -> Value {
        let [output] = self.node(operator, inputs, attributes);
        output
    }

    /// The file.
    pub fn finish(mut self, output: &Value, dims: &[Dim]) -> Vec<u8> {
        let result = Value("scores".to_owned());
        let rename = Message::default().bytes(1, &output.0).bytes(2, &result.0);
        self.nodes.push(rename.bytes(4, "Identity"));
        let graph = Message::default()
            .each(self.nodes, |graph, node| graph.message(1, node))
            .bytes(2, "student")
            .each(self.constants, |graph, tensor| graph.message(5, tensor))
            .each(self.inputs, |graph, input| graph.message(11, input))
            .message(12, value_info(&result.0, Element::Float, dims));
        let opset = Message::default().bytes(1, "").int(2, OPSET);
        Message::default().int(1, IR_VERSION).message(7, graph).message(8, opset).finish()
    }

    fn constant(&mut self, element: Element, dims: &[usize], bytes: Vec<u8>) -> Value {
        let name = self.name();
        let tensor = Message::default()
            .each(dims, |tensor, dim| tensor.int(1, *dim as u64))
            .int(2, element as u64)
            .bytes(8, &name.0)
            .bytes(9, bytes);
        self.constants.push(tensor);
        name
    }

    fn name(&mut self) -> Value {
        self.n_names += 1;
        Value(format!("t{}", self.n_names))
    }
}

fn attribute_proto(attribute: &Attribute) -> Message {
    let named = |name: &str, kind| Message::default().bytes(1, name).int(20, kind);
    match attribute {
        Attribute::Float(name, value) => named(name, 1).float(2, *value),
        Attribute::Int(name, value) => named(name, 2).int(3, *value),
        Attribute::Ints(name, values) => {
            named(name, 7).each(*values, |attribute, value| attribute.int(8, *value))
        }
    }
}

fn value_info(name: &str, element: Element, dims: &[Dim]) -> Message {
    let shape = Message::default().each(dims, |shape, dim| {
        shape.message(
            1,
            match dim {
                Dim::Fixed(n) => Message::default().int(1, *n as u64),
                Dim::Candidates => Message::default().bytes(2, "candidates"),
            },
        )
    });
    let tensor = Message::default().int(1, element as u64).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}
