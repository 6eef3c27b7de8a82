//! The student as an ONNX model, in two forms.
//!
//! *Plain* is what one exports: the formula of `student::reference`, without an
//! operator too many. Products of the same input are one product, the scale of
//! attention is part of the query's weights, the scorer's first layer is one
//! product over (u, c, u∘c, scalars). *Rewritten* has what the student's own
//! kernels gain by algebra and what a graph can express: the last block computes
//! only the newest event's row, and the user's part of the first layer is
//! computed once a ranking.

mod graph;
mod proto;

use vitrine_ranker_bench::workload::N_EVENTS;
use vitrine_student::Weights;
use vitrine_student::layout::{
    CODE_DIM, FF_DIM, HEAD_DIM, HIDDEN1, HIDDEN2, LN_EPS, N_BLOCKS, N_GAPS, N_HEADS, N_KINDS,
    N_SCALARS,
};

use graph::{Attribute, Dim, Element, Graph, Value};

const D: usize = CODE_DIM;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Rewritten,
}

/// Inputs `codes` `[64, 64]`, `kinds` and `gaps` `[64]` of the events, and
/// `candidates` `[n, 64]` with `scalars` `[n, 16]`; output `scores` `[n]`.
pub fn ranker(weights: &Weights, form: Form) -> Vec<u8> {
    let mut model = Model { graph: Graph::default(), weights, form };
    let state = model.encoder();
    model.scorer(&state)
}

/// The rewritten form from the shopper's state on: input `state` `[1, 64]`.
pub fn scorer(weights: &Weights) -> Vec<u8> {
    let mut model = Model { graph: Graph::default(), weights, form: Form::Rewritten };
    let state = model.graph.input("state", Element::Float, &[Dim::Fixed(1), Dim::Fixed(D)]);
    model.scorer(&state)
}

struct Model<'a> {
    graph: Graph,
    weights: &'a Weights,
    form: Form,
}

impl Model<'_> {
    fn encoder(&mut self) -> Value {
        let events = Dim::Fixed(N_EVENTS);
        let codes = self.graph.input("codes", Element::Float, &[events, Dim::Fixed(D)]);
        let kinds = self.graph.input("kinds", Element::Int32, &[events]);
        let gaps = self.graph.input("gaps", Element::Int32, &[events]);
        let kind = self.table("kind", &[N_KINDS, D], &kinds);
        let gap = self.table("gap", &[N_GAPS, D], &gaps);
        let weights = self.tensor("in", &[D, D]);
        let mut x = self.graph.op("MatMul", &[&codes, &weights], &[]);
        x = self.graph.op("Add", &[&x, &kind], &[]);
        x = self.graph.op("Add", &[&x, &gap], &[]);
        for block in 0..N_BLOCKS {
            let last_row_only = self.form == Form::Rewritten && block + 1 == N_BLOCKS;
            x = self.block(block, &x, last_row_only);
        }
        if self.form == Form::Plain {
            x = self.last_row(&x);
        }
        self.layer_norm("lnf", &x)
    }

    fn last_row(&mut self, x: &Value) -> Value {
        let last = self.graph.ints(&[N_EVENTS as i64 - 1]);
        self.graph.op("Gather", &[x, &last], &[Attribute::Int("axis", 0)])
    }

    /// One block over all rows, or its result for the last one only.
    fn block(&mut self, block: usize, x: &Value, last_row_only: bool) -> Value {
        let name = |part: &str| format!("block{block}.{part}");
        let normed = self.layer_norm(&name("ln1"), x);
        let parts = [name("q"), name("k"), name("v")];
        let (x, [q, k, v]) = if last_row_only {
            let x = self.last_row(x);
            let newest = self.last_row(&normed);
            let [q] = self.projections(&newest, &parts[..1]);
            let [k, v] = self.projections(&normed, &parts[1..]);
            (x, [q, k, v])
        } else {
            (x.clone(), self.projections(&normed, &parts))
        };
        let attended = self.attention(&q, &k, &v, !last_row_only);
        let weights = self.tensor(&name("o"), &[D, D]);
        let attended = self.graph.op("MatMul", &[&attended, &weights], &[]);
        let x = self.graph.op("Add", &[&x, &attended], &[]);
        let normed = self.layer_norm(&name("ln2"), &x);
        let hidden = self.linear(&normed, (&name("ff1"), &[D, FF_DIM]), &name("ff1.b"));
        let hidden = self.graph.op("Relu", &[&hidden], &[]);
        let out = self.linear(&hidden, (&name("ff2"), &[FF_DIM, D]), &name("ff2.b"));
        self.graph.op("Add", &[&x, &out], &[])
    }

    /// x·W of several square matrices in one product. The first is the query's,
    /// if it is there, and holds the scale of attention: 1/4, so nothing is rounded.
    fn projections<const N: usize>(&mut self, x: &Value, names: &[String]) -> [Value; N] {
        let scale = (HEAD_DIM as f32).sqrt().recip();
        let matrices: Vec<(f32, &[f32])> = names
            .iter()
            .map(|name| (if name.ends_with(".q") { scale } else { 1.0 }, self.values(name)))
            .collect();
        let rows = (0..D).flat_map(|row| {
            matrices.iter().flat_map(move |(scale, matrix)| {
                matrix[row * D..][..D].iter().map(move |value| value * scale)
            })
        });
        let joined: Vec<f32> = rows.collect();
        let joined = self.graph.floats(&[D, N * D], &joined);
        let product = self.graph.op("MatMul", &[x, &joined], &[]);
        if N == 1 {
            return std::array::from_fn(|_| product.clone());
        }
        let widths = self.graph.ints(&[D as i64; N]);
        self.graph.node("Split", &[&product, &widths], &[Attribute::Int("axis", 1)])
    }

    /// Attention of `[rows, 64]` over `[64, 64]` in four heads.
    fn attention(&mut self, q: &Value, k: &Value, v: &Value, causal: bool) -> Value {
        let q = self.heads(q, &[1, 0, 2]);
        let k = self.heads(k, &[1, 2, 0]);
        let v = self.heads(v, &[1, 0, 2]);
        let mut logits = self.graph.op("MatMul", &[&q, &k], &[]);
        if causal {
            let hidden = |i: usize| i % N_EVENTS > i / N_EVENTS;
            let mask: Vec<f32> =
                (0..N_EVENTS * N_EVENTS).map(|i| if hidden(i) { f32::MIN } else { 0.0 }).collect();
            let mask = self.graph.floats(&[N_EVENTS, N_EVENTS], &mask);
            logits = self.graph.op("Add", &[&logits, &mask], &[]);
        }
        let shares = self.graph.op("Softmax", &[&logits], &[Attribute::Int("axis", 2)]);
        let mixed = self.graph.op("MatMul", &[&shares, &v], &[]);
        let mixed = self.graph.op("Transpose", &[&mixed], &[Attribute::Ints("perm", &[1, 0, 2])]);
        let shape = self.graph.ints(&[-1, D as i64]);
        self.graph.op("Reshape", &[&mixed, &shape], &[])
    }

    fn heads(&mut self, x: &Value, order: &'static [u64]) -> Value {
        let shape = self.graph.ints(&[-1, N_HEADS as i64, HEAD_DIM as i64]);
        let x = self.graph.op("Reshape", &[x, &shape], &[]);
        self.graph.op("Transpose", &[&x], &[Attribute::Ints("perm", order)])
    }

    /// The scores, and with them the file.
    fn scorer(mut self, state: &Value) -> Vec<u8> {
        let n = Dim::Candidates;
        let codes = self.graph.input("candidates", Element::Float, &[n, Dim::Fixed(D)]);
        let scalars = self.graph.input("scalars", Element::Float, &[n, Dim::Fixed(N_SCALARS)]);
        let first = match self.form {
            Form::Plain => self.first_layer(state, &codes, &scalars),
            Form::Rewritten => self.first_layer_by_parts(state, &codes, &scalars),
        };
        let first = self.graph.op("Relu", &[&first], &[]);
        let second = self.linear(&first, ("score.w2", &[HIDDEN1, HIDDEN2]), "score.b2");
        let second = self.graph.op("Relu", &[&second], &[]);
        let third = self.linear(&second, ("score.w3", &[HIDDEN2, 1]), "score.b3");
        let direct = self.tensor("score.lin", &[N_SCALARS, 1]);
        let direct = self.graph.op("MatMul", &[&scalars, &direct], &[]);
        let scores = self.graph.op("Add", &[&third, &direct], &[]);
        let shape = self.graph.ints(&[-1]);
        let scores = self.graph.op("Reshape", &[&scores, &shape], &[]);
        self.graph.finish(&scores, &[n])
    }

    /// (u, c, u∘c, scalars) in one product; u is the same in every row.
    fn first_layer(&mut self, u: &Value, c: &Value, scalars: &Value) -> Value {
        let shape = self.graph.op("Shape", &[c], &[]);
        let users = self.graph.op("Expand", &[u, &shape], &[]);
        let product = self.graph.op("Mul", &[c, u], &[]);
        let all = [&users, c, &product, scalars];
        let all = self.graph.op("Concat", &all, &[Attribute::Int("axis", 1)]);
        let joined = self.joined(&["score.u", "score.c", "score.p", "score.s"]);
        let bias = self.tensor("score.b1", &[HIDDEN1]);
        self.graph.op("Gemm", &[&all, &joined, &bias], &[])
    }

    /// The same; u·W_u + b once, and added to each row.
    fn first_layer_by_parts(&mut self, u: &Value, c: &Value, scalars: &Value) -> Value {
        let user = self.linear(u, ("score.u", &[D, HIDDEN1]), "score.b1");
        let product = self.graph.op("Mul", &[c, u], &[]);
        let all = self.graph.op("Concat", &[c, &product, scalars], &[Attribute::Int("axis", 1)]);
        let joined = self.joined(&["score.c", "score.p", "score.s"]);
        self.graph.op("Gemm", &[&all, &joined, &user], &[])
    }

    /// Matrices of the first layer, one below the other.
    fn joined(&mut self, names: &[&str]) -> Value {
        let values: Vec<f32> = names.iter().flat_map(|name| self.values(name)).copied().collect();
        self.graph.floats(&[values.len() / HIDDEN1, HIDDEN1], &values)
    }

    fn linear(&mut self, x: &Value, (name, shape): (&str, &[usize]), bias: &str) -> Value {
        let weights = self.tensor(name, shape);
        let bias = self.tensor(bias, &shape[1..]);
        self.graph.op("Gemm", &[x, &weights, &bias], &[])
    }

    fn layer_norm(&mut self, name: &str, x: &Value) -> Value {
        let gain = self.tensor(&format!("{name}.g"), &[D]);
        let bias = self.tensor(&format!("{name}.b"), &[D]);
        let epsilon = Attribute::Float("epsilon", LN_EPS);
        self.graph.op("LayerNormalization", &[x, &gain, &bias], &[epsilon])
    }

    /// Rows of an embedding.
    fn table(&mut self, name: &str, shape: &[usize], rows: &Value) -> Value {
        let table = self.tensor(name, shape);
        self.graph.op("Gather", &[&table, rows], &[Attribute::Int("axis", 0)])
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Value {
        let values = self.weights.tensor(name).expect("the layout has it");
        self.graph.floats(shape, values)
    }

    fn values(&self, name: &str) -> &[f32] {
        self.weights.tensor(name).expect("the layout has it")
    }
}
