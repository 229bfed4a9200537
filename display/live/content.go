// This file makes the content of the panel's output.

package live

// content is what shows a state, by MIME type.
func content(s state) map[string]any {
	return map[string]any{"text/plain": s.text()}
}
