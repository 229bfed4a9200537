package display

import (
	"testing"

	"cajal/display/internal/words/wordstest"
)

func TestTable(t *testing.T) { wordstest.Complete(t, chinese) }
