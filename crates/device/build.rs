//! Resolves the imports of every kernel in `shaders/`, validates it with naga
//! at the lowest capabilities, and fails on an error. Also writes down where
//! naga puts each field of the shared structs, for a test against Rust's view.
#![allow(clippy::print_stdout, reason = "how a build script talks to cargo")]

fn main() {
    println!("cargo:rerun-if-env-changed=VITRINE_GPU");
    println!("cargo:rustc-check-cfg=cfg(vitrine_gpu)");
    println!("cargo:rustc-check-cfg=cfg(gpu)");
    if std::env::var_os("VITRINE_GPU").is_some() {
        println!("cargo:rustc-cfg=vitrine_gpu");
    }
    #[cfg(any(feature = "native", feature = "web"))]
    {
        println!("cargo:rustc-cfg=gpu");
        shaders::build();
    }
}

#[cfg(any(feature = "native", feature = "web"))]
mod shaders {
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use naga::valid::{Capabilities, ValidationFlags, Validator};

    /// Kernels by file stem, which is also the entry point.
    const KERNELS: [&str; 3] = ["catalogue_scan", "top_k", "candidate_score"];
    const IMPORT: &str = "//#import ";

    pub fn build() {
        let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
        let folder = manifest.join("../../shaders");
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
        println!("cargo:rerun-if-changed={}", folder.display());
        let mut layouts = String::from("&[\n");
        for (i, kernel) in KERNELS.iter().enumerate() {
            let path = folder.join(format!("{kernel}.wgsl"));
            let source = resolve(&path, &folder.join("shared"));
            let module = validate(kernel, &source);
            if i == 0 {
                describe_structs(&module, &mut layouts);
            }
            fs::write(out.join(format!("{kernel}.wgsl")), source).expect("OUT_DIR is writable");
        }
        layouts.push_str("]\n");
        fs::write(out.join("layouts.rs"), layouts).expect("OUT_DIR is writable");
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn resolve(path: &Path, shared: &Path) -> String {
        let mut source = String::new();
        for line in read(path).lines() {
            match line.strip_prefix(IMPORT) {
                Some(name) => source.push_str(&read(&shared.join(format!("{name}.wgsl")))),
                None => source.push_str(line),
            }
            source.push('\n');
        }
        source
    }

    fn validate(kernel: &str, source: &str) -> naga::Module {
        let module = naga::front::wgsl::parse_str(source)
            .unwrap_or_else(|error| panic!("{kernel}: {}", error.emit_to_string(source)));
        let entries: Vec<&str> = module.entry_points.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(entries, [kernel], "{kernel}.wgsl has one entry point of its own name");
        Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{kernel}: {}", error.emit_to_string(source)));
        module
    }

    /// `("Struct", size, &[("field", offset), …]),` for each struct.
    fn describe_structs(module: &naga::Module, out: &mut String) {
        for (_, ty) in module.types.iter() {
            let naga::TypeInner::Struct { members, span } = &ty.inner else { continue };
            let name = ty.name.as_deref().expect("WGSL structs have names");
            write!(out, "(\"{name}\", {span}, &[").expect("into memory");
            for member in members {
                let field = member.name.as_deref().expect("WGSL fields have names");
                write!(out, "(\"{field}\", {}), ", member.offset).expect("into memory");
            }
            out.push_str("]),\n");
        }
    }
}
