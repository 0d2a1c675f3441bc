// DejaVu Sans (fonts-dejavu-core; its licence allows copies in programs).
const unsigned char attune_view_font[] = {
#embed "DejaVuSans.ttf"
};
const unsigned long attune_view_font_size = sizeof(attune_view_font);
