//! Rebuilds the embedded SQL when a file is added.

fn main() {
    println!("cargo:rerun-if-changed=sql");
}
