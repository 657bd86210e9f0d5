//! Checks the window's permissions and embeds the icons; builds anew when the page was built anew.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../ui/dist");
    // The default reading of `tauri_build::try_build` is right: capabilities/, permissions/, tauri.conf.json.
    tauri_build::try_build(tauri_build::Attributes::new()).map_err(Into::into)
}
