#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "throw-away")]
mod evaluate;
use std::time::Instant;
use vitrine_domain::*;
use vitrine_evaluation::*;
use vitrine_ranking::*;
use vitrine_training::*;

fn load(dir: &str) -> (Vec<Item>, Vec<f32>, Vec<Interaction>) {
    let items: Vec<Item> = std::fs::read_to_string(format!("{dir}/items.jsonl"))
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let v = std::fs::read(format!("{dir}/vectors.f32"))
        .unwrap()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect();
    let inter = std::fs::read(format!("{dir}/interactions.bin"))
        .unwrap()
        .chunks_exact(28)
        .map(|b| {
            let u = |o: usize| u32::from_le_bytes(b[o..o + 4].try_into().unwrap());
            Interaction {
                shopper: ShopperId(u(0)),
                item: items[u(4) as usize].id,
                kind: EventKind::Purchase,
                at_seconds: i64::from_le_bytes(b[8..16].try_into().unwrap()),
                basket: u(16),
                quantity: u(20),
                price_minor: u(24),
            }
        })
        .collect();
    (items, v, inter)
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let (items, vectors, inter) = load(&a[1]);
    println!("load {:?} cpu {}", t.elapsed(), cpu());
    let data =
        Prepared::new(TrainingData { items: &items, vectors: &vectors, interactions: &inter })
            .unwrap();
    println!(
        "prepare {:?} cpu {}  {} entries {} shoppers",
        t.elapsed(),
        cpu(),
        data.log.entries().len(),
        data.log.n_shoppers()
    );
    let w = Windows::ending_at(data.log.last_seconds().unwrap());
    let win = if a[2] == "test" { w.test } else { w.validation };
    let get = |i: usize, d: f64| a.get(i).map_or(d, |x| x.parse().unwrap());
    let config = Config {
        until_seconds: Some(win.start_seconds),
        n_sequences: get(3, 10000.0) as usize,
        n_steps: get(4, 900.0) as usize,
        rate: get(5, 3e-3) as f32,
        residual_decay: get(6, 0.05) as f32,
        seed: get(7, 1.0) as u64,
    };
    if std::env::var("TEACHER").is_ok() {
        let teacher = fit_teacher(&data, win.start_seconds, 1).unwrap();
        println!("teacher {:?} cpu {}", t.elapsed(), cpu());
        for (i, f) in FEATURES.iter().enumerate() {
            println!(
                "{f:?} n {:?} repeat {:.3}",
                teacher.weights.new.get(i),
                teacher.weights.repeat[i]
            );
        }
        let all = |scores| evaluate::Ranking { candidates: None, scores };
        let mut runs: Vec<ModelRun> = Baseline::EACH
            .iter()
            .map(|b| {
                evaluate::run(&data, win, b.name(), |h, _| all(b.score(&teacher.components, h)))
            })
            .collect();
        runs.push(evaluate::run(&data, win, "teacher", |h, now| all(teacher.score(h, now))));
        let names = GateNames {
            popularity: "popularity",
            item_knn: "item-knn",
            personal_frequency: "personal frequency",
            teacher: "teacher",
            served: "teacher",
        };
        println!("{}", Report::new(&runs, names, items.len(), 1).unwrap().table());
        println!("eval {:?} cpu {}", t.elapsed(), cpu());
        return;
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    let mut progress = |p: Progress| match p {
        Progress::Step { step, .. } if step % 100 != 0 => {}
        p => println!("{:?} cpu {:.1} {p:?}", t.elapsed(), cpu()),
    };
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
    let Outcome::Finished(trained) =
        vitrine_training::train::train_prepared(&data, &config, &mut control).unwrap()
    else {
        panic!()
    };
    println!("trained {:?} cpu {} base {}", t.elapsed(), cpu(), trained.model.base);
    for (i, f) in FEATURES.iter().enumerate() {
        println!(
            "{f:?} new {:?} repeat {:.3}",
            trained.teacher.weights.new.get(i),
            trained.teacher.weights.repeat[i]
        );
    }
    if std::env::var("NOEVAL").is_ok() {
        return;
    }
    let r = evaluate::report(&data, &trained, win, 1).unwrap();
    println!("{}", r.table());
    println!("eval {:?} cpu {}", t.elapsed(), cpu());
    clicks(&data, &trained, win);
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .filter(|l| l.starts_with("VmHWM"))
            .collect::<String>()
    );
}

fn clicks(data: &Prepared<'_>, trained: &Trained, win: Window) {
    use vitrine_student::*;
    let d = evaluate::Device::new(data, trained, trained.model.packed.weights(), win);
    let t = &d.table;
    let now = win.start_seconds * 1000;
    let pop = popularity_order(t);
    let n_dep = *data.departments.iter().max().unwrap();
    let (mut n, mut up, mut b, mut af, mut self_top) = (0, 0, 0.0, 0.0, 0.0);
    for dep in 0..=n_dep {
        let rows: Vec<u32> =
            pop.iter().copied().filter(|r| t.departments()[*r as usize] == dep).collect();
        if rows.len() < 40 {
            continue;
        }
        for trial in 0..3usize {
            let pick: Vec<u32> = (0..3).map(|i| rows[(trial * 3 + i) * 3 % rows.len()]).collect();
            let log: Vec<LogEntry> = pick
                .iter()
                .enumerate()
                .map(|(i, r)| LogEntry {
                    kind: EventKind::ViewItem,
                    item: t.ids()[*r as usize],
                    at_ms: now - 60_000 + i as i64 * 5000,
                    code: t.code(*r).try_into().unwrap(),
                    department: t.departments()[*r as usize],
                    category: t.categories()[*r as usize],
                })
                .collect();
            let sh = Shopper::from_log(&d.weights, &log);
            let c = candidates::feed(t, &d.weights, &sh, 500);
            let s = Ranker::new().rank(&d.weights, t, &sh, now, &c, None);
            let top: Vec<u32> = top_k(&s, 20).into_iter().map(|p| c[p as usize]).collect();
            let before = pop[..20].iter().filter(|r| t.departments()[**r as usize] == dep).count();
            let after = top.iter().filter(|r| t.departments()[**r as usize] == dep).count();
            let same_cat = top
                .iter()
                .filter(|r| {
                    pick.iter().any(|p| t.categories()[*p as usize] == t.categories()[**r as usize])
                })
                .count();
            self_top += top.iter().filter(|r| pick.contains(r)).count() as f64;
            n += 1;
            up += usize::from(after > before);
            b += before as f64;
            af += after as f64;
            if trial == 0 {
                println!(
                    "{:<20} n={} before {before} after {after} same category {same_cat}",
                    data.items[rows[0] as usize].department,
                    rows.len()
                );
            }
        }
    }
    println!(
        "clicks: raised in {up} of {n}; mean before {:.2} after {:.2} clicked in top {:.2}",
        b / n as f64,
        af / n as f64,
        self_top / n as f64
    );
}
