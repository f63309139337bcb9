//! The playground's bundle is part of the binary: whenever it changes, so does this crate.

use std::path::Path;

fn main() -> std::io::Result<()> {
    // Without the folder, its path would not be known when the bundle is built later on.
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/playground/dist");
    std::fs::create_dir_all(&bundle)?;
    println!("cargo::rerun-if-changed={}", bundle.display());
    Ok(())
}
