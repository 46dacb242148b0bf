//! Compiles the protocol of the gRPC door from `proto/`: in Rust, so that nothing has to be
//! installed to build the program.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["streams.proto", "serverfeatures.proto"];
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(files, ["proto"])?;
    tonic_build::configure().build_client(false).include_file("protocole.rs").compile_fds(descriptors)?;
    Ok(())
}
