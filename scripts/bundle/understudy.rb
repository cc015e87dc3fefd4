cask "understudy" do
  version "@VERSION@"
  sha256 "@SHA256@"

  url "@RELEASES@/download/v#{version}/@IMAGE@"
  name "@NAME@"
  desc "Train a small GPT of your own, from your own text"
  homepage "@RELEASES@"

  depends_on arch: :arm64
  depends_on macos: ">= :@CODENAME@"

  app "@NAME@.app"

  zap trash: [
    "~/Library/Logs/@NAME@",
    "~/Library/Preferences/@IDENTIFIER@.plist",
    "~/Library/Saved Application State/@IDENTIFIER@.savedState",
  ]
end
