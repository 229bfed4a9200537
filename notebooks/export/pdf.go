// This file prints pages.

package export

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// browsers are the names under which Chromium and its kin are installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge", "brave-browser"}

// Browser returns the path of an installed browser that can print: the one that
// the environment variable CHROMIUM names, else one of Chromium's kin in PATH or
// where the system keeps programs.
func Browser() (string, error) {
	if name := os.Getenv("CHROMIUM"); name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("the environment variable CHROMIUM names no program: %w", err)
		}
		return path, nil
	}
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	var places []string
	switch runtime.GOOS {
	case "darwin":
		places = []string{"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"}
	case "windows":
		for _, root := range []string{os.Getenv("ProgramFiles"), os.Getenv("ProgramFiles(x86)"), os.Getenv("LocalAppData")} {
			places = append(places, filepath.Join(root, `Google\Chrome\Application\chrome.exe`), filepath.Join(root, `Microsoft\Edge\Application\msedge.exe`))
		}
	}
	for _, path := range places {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", errors.New("PDF is printed by a browser, and neither Chromium nor Chrome was found: install one, or name it in the environment variable CHROMIUM; or export to html and print that page")
}

// patience is how long a browser may take for a page.
const patience = 2 * time.Minute

// PDF prints a page, with the browser at the path of [Browser].
func PDF(ctx context.Context, browser string, page []byte) (pdf []byte, err error) {
	dir, err := os.MkdirTemp("", "cajal-pdf-")
	if err != nil {
		return nil, err
	}
	defer func() {
		// The browser's children may still write to the folder for a moment.
		for range 20 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	in, out := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(in, page, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []string{
		"--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync", "--no-first-run", "--no-default-browser-check",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--no-pdf-header-footer", "--print-to-pdf-no-header", "--print-to-pdf=" + out,
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium has none for root
	}
	cmd := exec.CommandContext(ctx, browser, append(args, (&url.URL{Scheme: "file", Path: filepath.ToSlash(in)}).String())...)
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s did not print the page: %w", browser, context.Cause(ctx))
	}
	pdf, readErr := os.ReadFile(out)
	if readErr != nil || len(pdf) == 0 {
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		if err == nil {
			err = errors.New("it wrote no file")
		}
		return nil, fmt.Errorf("%s did not print the page: %w: %s", browser, err, lines[len(lines)-1])
	}
	return pdf, nil
}
