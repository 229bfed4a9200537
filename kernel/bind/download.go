package bind

// This file shows how far a download is, as one output that is updated in place.

import (
	"fmt"
	"strings"
	"time"

	"cajal/display"
	"cajal/kernel/eval"
)

// downloadEvery is the least time between two updates.
const downloadEvery = 250 * time.Millisecond

// download is the data.Progress of a cell.
type download struct {
	r     *eval.Running
	id    string
	what  string
	total int64 // bytes, -1 if unknown
	done  int64
	shown time.Time
}

// Begin shows the download.
func (d *download) Begin(what string, total int64) {
	d.id, d.what, d.total, d.done = display.NewID(), what, total, 0
	d.show(d.r.Display, d.text())
}

// Add counts n bytes.
func (d *download) Add(n int64) {
	d.done += n
	if time.Since(d.shown) >= downloadEvery {
		d.show(d.r.Update, d.text())
	}
}

// End shows how the download ended.
func (d *download) End(err error) {
	if err != nil {
		d.show(d.r.Update, fmt.Sprintf("%s: the download failed after %s", d.what, megabytes(d.done)))
		return
	}
	d.show(d.r.Update, fmt.Sprintf("%s: %s downloaded", d.what, megabytes(d.done)))
}

func (d *download) show(how func(data, metadata map[string]any, id string), text string) {
	d.shown = time.Now()
	how(map[string]any{"text/plain": text}, nil, d.id)
}

// barWidth is the number of characters of a full bar.
const barWidth = 30

// text returns a bar and figures.
func (d *download) text() string {
	if d.total <= 0 {
		return fmt.Sprintf("%s: %s", d.what, megabytes(d.done))
	}
	part := min(float64(d.done)/float64(d.total), 1)
	full := int(part * barWidth)
	bar := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	return fmt.Sprintf("%s %s %3.0f %% of %s", d.what, bar, 100*part, megabytes(d.total))
}

// megabytes words a number of bytes.
func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
